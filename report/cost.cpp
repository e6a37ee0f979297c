// What every compact model cost, and how it came down to its size.

#include <fmt/format.h>

#include "chain/budget_account.h"
#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string minutes_text(const json& row) {
  const json& minutes = at_or_null(row, "minutes");
  return minutes.is_number() ? decimal(minutes, 1) : kDash;
}

std::string filters_text(const json& filters) {
  std::string text;
  for (const json& count : filters) text += (text.empty() ? "" : " ") + whole(count);
  return text;
}

std::string cut_rows(const json& cuts) {
  std::string rows;
  for (const json& line : cuts) {
    rows +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    whole(at_or_null(line, "cut")), whole(at_or_null(line, "parameters")),
                    filters_text(at_or_null(line, "filters")), whole(at_or_null(line, "images")),
                    decimal(at_or_null(line, "r2_validation")));
  }
  return rows;
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
                          one.at("chosen").dump(), one.at("recipe").dump());
  }
  return fmt::format("<p class=\"note\">Budget: {} minutes planned, {} taken. {}{}</p>\n",
                     decimal(budget.at("minutes_planned"), 1),
                     decimal(budget.at("minutes_taken"), 1), chosen, chosen.empty() ? "" : ".");
}

}  // namespace

std::string cost_section(const RunRecord& run) {
  if (run.one_neuron()) return section("cost", "The budget", budget_text(run));
  std::string rows;
  bool published = false;
  for (const json& row : with_minutes(neuron_rows(run.results), run.results, run.timings)) {
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td></tr>\n",
        escaped(row.at("name").get<std::string>()), whole(row["parameters"]), whole(row["bytes"]),
        decimal(row["r2_teacher"]), decimal(row["r2_raw"]), whole(row["published_parameters"]),
        decimal(row["published_r2_teacher"]), decimal(row["published_r2_raw"]), minutes_text(row));
    published = published || row["published_parameters"].is_number();
  }
  return section(
      "cost", "What each compact model is and cost",
      "<div class=\"scroll\"><table>\n<thead><tr><th>neuron</th><th>parameters</th><th>bytes</th>"
      "<th>r2 with teacher</th><th>raw r2</th><th>published: parameters</th><th>r2 with "
      "teacher</th><th>raw r2</th><th>minutes</th></tr></thead>\n<tbody>\n" +
          rows +
          "</tbody>\n</table></div>\n<p class=\"note\">Minutes are those of the neuron and its "
          "part of what all neurons share: images, teacher and labels." +
          (published ? " Parameters of published models are counted with their batch norms, 4 "
                       "numbers a filter, which compact models have folded in."
                     : "") +
          "</p>\n" + budget_text(run));
}

std::string cuts_section(const RunRecord& run) {
  std::string body;
  for (const json& neuron : run.neurons()) {
    const json& cuts = at_or_null(neuron, "cuts");
    if (!cuts.is_array() || cuts.empty()) continue;
    body += fmt::format(
        "<details{}><summary>{}</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th>cut</th>"
        "<th>parameters left</th><th>filters per layer</th><th>images shown</th><th>r2 with "
        "teacher, images held out</th></tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n"
        "</details>\n",
        run.one_neuron() ? " open" : "", escaped(neuron.at("name").get<std::string>()),
        cut_rows(cuts));
  }
  return section("cuts", "Cut by cut", body);
}

}  // namespace secateur
