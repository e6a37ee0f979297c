// How to read the numbers, and the recipe they come from.

#include <fmt/format.h>

#include <map>

#include "analysis/metrics.h"
#include "chain/results.h"
#include "report/markup.h"
#include "report/sections/sections.h"

namespace secateur {
namespace {

using nlohmann::json;

const std::map<std::string, const char*>& meanings() {
  static const std::map<std::string, const char*> table = {
      {"r2_raw",
       "How much of the variation of the averaged responses the prediction follows, noise "
       "included. "
       "It cannot be expected to pass the noise ceiling."},
      {"r2_er",
       "The same, corrected for the noise that is left in averages over few repeats: an estimate "
       "of "
       "the squared correlation with the noiseless response. Nearly unbiased, and so it can fall "
       "below 0 or above 1 for noisy neurons. Needs repeats."},
      {"r2_ceiled",
       "Raw r2 divided by the reliability of the averaged responses, 2 r / (1 + r), where r is the "
       "mean correlation between the averages of two halves of the repeats, split by lot. Can pass "
       "1. Needs repeats."},
      {"feve",
       "One minus the error over the variance that can be explained. Unlike the others it also "
       "punishes a wrong scale or offset, and is negative for a prediction worse than the mean. "
       "Needs repeats."},
      {"cc_norm",
       "Correlation (not squared) divided by the largest that the noise allows. Needs repeats."},
      {"snr",
       "Variance of the response over images, noise taken off, over the variance between repeats. "
       "It "
       "describes the neuron, not the model."},
  };
  return table;
}

std::string definition(const std::string& term, const std::string& meaning) {
  return fmt::format("<dt>{}</dt>\n<dd>{}</dd>\n", term, meaning);
}

}  // namespace

Section reading_section(const RunRecord& run) {
  const json& session = at_or_null(run.results, "session");
  const std::string name = session.is_string() ? escaped(session.get<std::string>()) : "";
  const std::string scored = scored_words(run.results);
  const std::string where =
      scored == "second half"
          ? fmt::format("second half of the images of session {}, as they are numbered", name)
          : fmt::format("{} of session {}", escaped(scored), name);
  std::string list;
  for (const MetricName& metric : kMetricNames) {
    const auto meaning = meanings().find(metric.key);
    if (meaning != meanings().end()) list += definition(escaped(metric.title), meaning->second);
  }
  list += definition("r2 with teacher",
                     "Squared correlation with the teacher\u2019s responses to the scored images. "
                     "No noise is in it; a student cannot be judged by it alone, because the "
                     "teacher errs too.");
  list +=
      definition("noise ceiling",
                 "The raw r2 expected of a perfect model. It limits raw r2 and no other metric.");
  list += definition(
      "95 % interval",
      "From resampled images, each with its repeats; it says how much the number would move "
      "with other images of the same kind, not with another training.");
  return {
      "reading", "How to read the numbers",
      fmt::format(
          "<p>All accuracies are on the {}. Nothing was fitted there: no weight, no "
          "readout, no choice of a model. A dash ({}) stands for a number that cannot be known, "
          "for example because "
          "no repeats were kept.</p>\n<dl>\n{}</dl>\n",
          where, kDash, list)};
}

}  // namespace secateur
