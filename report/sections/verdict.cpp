// What came out, in one sentence with its state: a word and a mark, not a colour alone.

#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

struct StateLook {
  const char* css;
  const char* mark;
  const char* word;
};

StateLook look_of(VerdictState state) {
  switch (state) {
    case VerdictState::kGood:
      return {"good", "\u2713", "Good"};
    case VerdictState::kLook:
      return {"look", "!", "Look closer"};
    default:
      return {"stop", "\u2717", "Stop"};
  }
}

std::string subject_of(const RunRecord& run) {
  const bool simulated = at_or_null(run.results, "source") == "simulated";
  if (run.one_neuron()) {
    const std::string name = escaped(name_of(run.neurons()[0]));
    return simulated ? fmt::format("the simulated neuron \u201c{}\u201d", name) : "neuron " + name;
  }
  if (simulated) return fmt::format("{} simulated neurons", run.neurons().size());
  const json& session = at_or_null(run.results, "session");
  return fmt::format("{} neurons of session {}", run.neurons().size(),
                     session.is_string() ? escaped(session.get<std::string>()) : "");
}

// `head` is HTML.
std::string sentences_of(const json& results, const char* key, const char* css, const char* head) {
  std::string text;
  for (const json& sentence : at_or_null(results, key)) {
    if (!sentence.is_string()) continue;
    text +=
        fmt::format("<p class=\"{}\">{} {}</p>\n", css, head, escaped(sentence.get<std::string>()));
  }
  return text;
}

// Which neurons are in which state, when they differ.
std::string counted(const RunRecord& run) {
  if (run.one_neuron()) return "";
  std::string out;
  for (const VerdictState state : {VerdictState::kStop, VerdictState::kLook}) {
    std::string names;
    for (const json& neuron : run.neurons()) {
      if (verdict_of(run, neuron).state != state) continue;
      names += (names.empty() ? "" : ", ") + escaped(name_of(neuron));
    }
    const StateLook look = look_of(state);
    if (!names.empty()) {
      out += fmt::format("<li><span class=\"mark {}\" aria-hidden=\"true\">{}</span> {}: {}</li>\n",
                         look.css, look.mark, look.word, names);
    }
  }
  return out.empty() ? "" : "<ul class=\"states\">\n" + out + "</ul>\n";
}

// Files that are not those of the run's record: nothing here can then be taken at its word.
std::string changed_files(const RunRecord& run) {
  constexpr size_t kMostNamed = 4;
  if (run.not_as_recorded.empty()) return "";
  std::string names;
  for (size_t i = 0; i < std::min(kMostNamed, run.not_as_recorded.size()); ++i) {
    names += (i > 0 ? ", " : "") + escaped(run.not_as_recorded[i]);
  }
  return fmt::format(
      "<p class=\"verdict stop\"><span class=\"mark\" aria-hidden=\"true\">\u2717</span> "
      "<strong>Changed since the run.</strong> {} of the files that this page is made from are "
      "gone "
      "or have another digest than lineage.json says: {}{}. What is said below may be untrue; "
      "<code>secateur audit RUN</code> looks further.</p>\n",
      run.not_as_recorded.size(), names,
      run.not_as_recorded.size() > kMostNamed ? " and others" : "");
}

}  // namespace

std::string verdict_html(const Verdict& verdict) {
  const StateLook look = look_of(verdict.state);
  return fmt::format(
      "<p class=\"verdict {}\"><span class=\"mark\" aria-hidden=\"true\">{}</span> "
      "<strong>{}.</strong> {}</p>\n",
      look.css, look.mark, look.word, verdict.sentence);
}

std::string verdict_mark(const Verdict& verdict) {
  const StateLook look = look_of(verdict.state);
  return fmt::format(
      "<span class=\"mark {}\" title=\"{}\"><span aria-hidden=\"true\">{}</span><span "
      "class=\"unseen\">{}</span></span>",
      look.css, look.word, look.mark, look.word);
}

Section verdict_section(const RunRecord& run) {
  return {
      "verdict", "",
      fmt::format("<header>\n<h1>Compact models of {}</h1>\n{}{}{}{}{}</header>\n", subject_of(run),
                  changed_files(run), verdict_html(verdict_of(run)), counted(run),
                  sentences_of(run.results, "warnings", "warning", "<strong>Warning:</strong>"),
                  sentences_of(run.results, "notes", "note", "Note:"))};
}

}  // namespace secateur
