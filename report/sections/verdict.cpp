// What came out, in one sentence with its state: a word and a mark, not a colour alone.

#include "report/verdict.h"

#include <fmt/format.h>

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
  return {"verdict", "",
          fmt::format("<header>\n<h1>Compact models of {}</h1>\n{}{}{}{}</header>\n",
                      subject_of(run), verdict_html(verdict_of(run)), counted(run),
                      sentences_of(run.results, "warnings", "warning", "<strong>Warning:</strong>"),
                      sentences_of(run.results, "notes", "note", "Note:"))};
}

}  // namespace secateur
