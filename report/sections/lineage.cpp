// What the run left, where it comes from, and how to make it again.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/budget_account.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string string_or(const json& value, const std::string& otherwise) {
  return value.is_string() ? value.get<std::string>() : otherwise;
}

// The digest that the lineage has of a file of the run; empty when it has none.
std::string digest_of(const json& lineage, const std::string& file) {
  const json& subjects = at_or_null(lineage, "subject");
  if (!subjects.is_array()) return "";
  for (const json& subject : subjects) {
    if (at_or_null(subject, "name") != file) continue;
    return string_or(at_or_null(at_or_null(subject, "digest"), "sha256"), "");
  }
  return "";
}

std::string files_table(const RunRecord& run) {
  std::vector<std::vector<TableCell>> rows;
  for (const json& neuron : run.neurons()) {
    const json& compact = stage_of(neuron, "compact");
    const std::string file =
        "models/" + neuron.at("label").get<std::string>() + "_compact.secateur";
    const double bytes = number_of(at_or_null(compact, "bytes"));
    const double parameters = number_of(at_or_null(compact, "parameters"));
    const std::string digest = digest_of(run.lineage, file);
    rows.push_back(
        {{escaped(file), file},
         {whole(at_or_null(compact, "bytes")), at_or_null(compact, "bytes")},
         {bytes > 0 && parameters > 0 ? fmt::format("{:.1f}", 8 * bytes / parameters) : "",
          nullptr},
         {digest.empty() ? "" : "<code>" + escaped(digest) + "</code>", nullptr}});
  }
  return table_html("Compact models",
                    {{"compact model", true},
                     {"bytes", false},
                     {"bits a parameter", false},
                     {"SHA-256 in lineage.json", true}},
                    rows);
}

std::string compared_text(const RunRecord& run) {
  if (run.as_recorded.empty() && run.not_as_recorded.empty()) {
    return "<p class=\"note\">There is no lineage.json to hold the files against: nothing was "
           "compared.</p>\n";
  }
  return fmt::format(
      "<p class=\"note\">When this page was made, {} of the {} files that it is made from "
      "(results, "
      "ledger, curves, recipe, models, predictions) had the digest that lineage.json says. Who "
      "changes both is not found so: <code>secateur audit</code> makes parts again.</p>\n",
      run.as_recorded.size(), run.as_recorded.size() + run.not_as_recorded.size());
}

struct StageFiles {
  int64_t times = 0;
  std::set<std::string> made, read;
};

// File names with the neuron's label as it is called in them.
void add_names(const json& files, const std::string& label, std::set<std::string>& names) {
  if (!files.is_array()) return;
  for (const json& file : files) {
    std::string name = string_or(at_or_null(file, "name"), "");
    const size_t at = label.empty() ? std::string::npos : name.find(label);
    if (at != std::string::npos) name.replace(at, label.size(), "NEURON");
    names.insert(name);
  }
}

std::string names_text(const std::set<std::string>& names) {
  constexpr size_t kMost = 4;
  std::string text;
  size_t told = 0;
  for (const std::string& name : names) {
    if (told == kMost) return fmt::format("{} and {} more", text, names.size() - told);
    text += (told++ == 0 ? "" : ", ") + escaped(name);
  }
  return text;
}

std::string stage_rows(const json& lineage) {
  const json& stages = at_or_null(at_or_null(lineage, "predicate"), "stages");
  if (!stages.is_array()) return "";
  std::vector<std::pair<std::string, StageFiles>> summed;
  for (const json& stage : stages) {
    const std::string name = string_or(at_or_null(stage, "stage"), "");
    auto found = std::ranges::find(summed, name, &std::pair<std::string, StageFiles>::first);
    if (found == summed.end()) found = summed.insert(summed.end(), {name, {}});
    ++found->second.times;
    const std::string label = string_or(at_or_null(stage, "neuron"), "");
    add_names(at_or_null(stage, "makes"), label, found->second.made);
    add_names(at_or_null(stage, "reads"), label, found->second.read);
  }
  std::vector<std::vector<TableCell>> rows;
  for (const auto& [name, files] : summed) {
    rows.push_back({{escaped(name), nullptr},
                    {std::to_string(files.times), nullptr},
                    {names_text(files.read), nullptr},
                    {names_text(files.made), nullptr}});
  }
  return rows.empty()
             ? ""
             : table_html("Stages",
                          {{"stage", true}, {"times", false}, {"reads", true}, {"makes", true}},
                          rows, "names");
}

// What the budget chose, and what was taken of it; empty for a run without one.
std::string budget_text(const RunRecord& run) {
  const json budget = budget_summary(run.timings);
  if (budget.is_null()) return "";
  std::string chosen;
  for (const json& one : budget.at("settings")) {
    if (one.at("chosen") == one.at("recipe")) continue;
    chosen += fmt::format("{}{} is {} in the place of the recipe\u2019s {}",
                          chosen.empty() ? "" : ", ", escaped(one.at("setting").get<std::string>()),
                          escaped(one.at("chosen").dump()), escaped(one.at("recipe").dump()));
  }
  return fmt::format("<p class=\"note\">Budget: {} minutes planned, {} taken. {}{}</p>\n",
                     decimal(budget.at("minutes_planned"), 1),
                     decimal(budget.at("minutes_taken"), 1), chosen, chosen.empty() ? "" : ".");
}

constexpr const char* kRepeat =
    "<h3>How to repeat it</h3>\n<p>With <code>RUN</code> for this folder:</p>\n<pre tabindex=\"0\" "
    "role=\"region\" aria-label=\"Commands\">secateur run RUN/config.toml --out again   # the "
    "whole "
    "chain, from its resolved recipe\nsecateur audit RUN                          # are the files "
    "what the run says, and parts of it made again\nsecateur report RUN                         # "
    "this page\n</pre>\n";

std::string recipe_text(const RunRecord& run) {
  if (run.recipe.empty()) return "";
  return fmt::format(
      "<details><summary>Every setting of this run (config.toml)</summary>\n<pre tabindex=\"0\" "
      "role=\"region\" aria-label=\"Recipe\">{}</pre>\n</details>\n",
      escaped(run.recipe));
}

}  // namespace

Section lineage_section(const RunRecord& run) {
  std::string body = files_table(run) + compared_text(run) + budget_text(run);
  const std::string stages = stage_rows(run.lineage);
  if (!stages.empty()) {
    const json& code = at_or_null(at_or_null(run.lineage, "predicate"), "code");
    body += fmt::format(
        "<h3>Where it comes from</h3>\n<p class=\"note\">From lineage.json, which has the digest "
        "of "
        "every file. Made by secateur {}, revision <code>{}</code>; NEURON stands for a neuron.</p>"
        "\n{}",
        escaped(string_or(at_or_null(code, "version"), "of an unknown version")),
        escaped(string_or(at_or_null(code, "revision"), "unknown")), stages);
  }
  return {"lineage", "Bytes, lineage and how to repeat", body + kRepeat + recipe_text(run)};
}

}  // namespace secateur
