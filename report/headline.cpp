// What came out, first in a sentence, then in a few large numbers.

#include <fmt/format.h>

#include "report/markup.h"
#include "report/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

std::string text_or(const json& object, const std::string& key, const std::string& otherwise) {
  const json& value = at_or_null(object, key);
  return value.is_string() ? escaped(value.get<std::string>()) : otherwise;
}

std::string subject_of(const RunRecord& run) {
  const bool simulated = at_or_null(run.results, "source") == "simulated";
  const std::string session = text_or(run.results, "session", "");
  if (run.one_neuron()) {
    const std::string name = text_or(run.neurons()[0], "name", "");
    return simulated ? fmt::format("the simulated neuron \u201c{}\u201d", name) : "neuron " + name;
  }
  if (simulated) return fmt::format("{} simulated neurons", run.neurons().size());
  return fmt::format("{} neurons of session {}", run.neurons().size(), session);
}

std::string warnings_of(const json& results) {
  std::string text;
  for (const json& warning : at_or_null(results, "warnings")) {
    text += fmt::format("<p class=\"warning\"><strong>Warning:</strong> {}</p>\n",
                        escaped(warning.get<std::string>()));
  }
  return text;
}

std::string notes_of(const json& results) {
  std::string text;
  for (const json& note : at_or_null(results, "notes")) {
    text += fmt::format("<p class=\"note\">Note: {}</p>\n", escaped(note.get<std::string>()));
  }
  return text;
}

// "33 times fewer"; empty when one of the two is not known.
std::string times_fewer(const json& before, const json& after) {
  if (!before.is_number() || !after.is_number() || after.get<double>() <= 0) return "";
  const double factor = before.get<double>() / after.get<double>();
  return fmt::format("{:.{}f}", factor, factor < 10 ? 1 : 0);
}

std::string tile(const std::string& number, const std::string& what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", number, what);
}

std::string tiles(const json& median, const std::string& key, const std::string& of_median) {
  const json& compact = at_or_null(median, "compact");
  const json& student = at_or_null(median, "student");
  const json& teacher = at_or_null(median, "teacher");
  const std::string fewer =
      times_fewer(at_or_null(student, "parameters"), at_or_null(compact, "parameters"));
  std::string out = "<div class=\"tiles\">\n";
  out += tile(decimal(at_or_null(compact, key)),
              fmt::format("{} of the compact model{}; teacher {}", short_title(key), of_median,
                          decimal(at_or_null(teacher, key))));
  out += tile(decimal(at_or_null(compact, "r2_teacher")),
              "squared correlation of compact model and teacher" + of_median);
  out += tile(
      whole(at_or_null(compact, "parameters")),
      fmt::format("parameters{}; student {}", of_median, whole(at_or_null(student, "parameters"))));
  out += tile(whole(at_or_null(compact, "bytes")), "bytes of the compact file" + of_median);
  if (!fewer.empty()) out += tile(fewer + "\u00d7", "fewer parameters than the student");
  return out + "</div>\n";
}

}  // namespace

std::string headline(const RunRecord& run) {
  const std::string key = accuracy_key(run.results);
  const json& median = run.results.at("median");
  const json& compact = at_or_null(median, "compact");
  const json& teacher = at_or_null(median, "teacher");
  const std::string medians = run.one_neuron() ? "" : " (medians over the neurons)";
  const std::string lead = fmt::format(
      "With {} parameters in {} bytes, {} {} ({}) of {}; {} teacher ({}, {} parameters) reaches "
      "{}{}.",
      whole(at_or_null(compact, "parameters")), whole(at_or_null(compact, "bytes")),
      run.one_neuron() ? "the compact model reaches" : "the compact models reach",
      key == "r2_er" ? "a noise-corrected accuracy" : "an accuracy", short_title(key),
      decimal(at_or_null(compact, key)), run.one_neuron() ? "its" : "their",
      text_or(run.results, "teacher", "unnamed"), whole(at_or_null(teacher, "parameters")),
      decimal(at_or_null(teacher, key)), medians);
  return fmt::format(
      "<header>\n<h1>Compact models of {}</h1>\n{}<p class=\"lead\">{}</p>\n{}{}</header>\n",
      subject_of(run), warnings_of(run.results), lead,
      tiles(median, key, run.one_neuron() ? "" : " (median)"), notes_of(run.results));
}

}  // namespace secateur
