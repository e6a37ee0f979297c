#include "report/verdict.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "report/markup.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

struct Numbers {
  double teacher = 0, compact = 0, low = 0;  // accuracy; low: where the interval of compact begins
  double raw = 0, ceiling = 0;               // of the teacher
  double fewer = 0;                          // times fewer parameters than the teacher
};

Numbers numbers_of(const RunRecord& run, const json& neuron) {
  const std::string key = accuracy_key(run.results);
  const json& teacher = stage_of(neuron, "teacher");
  const json& compact = stage_of(neuron, "compact");
  const json& interval = at_or_null(at_or_null(compact, "intervals"), key);
  return {.teacher = number_of(at_or_null(teacher, key)),
          .compact = number_of(at_or_null(compact, key)),
          .low = number_of(at_or_null(interval, "low")),
          .raw = number_of(at_or_null(teacher, "r2_raw")),
          .ceiling = number_of(at_or_null(neuron, "noise_ceiling")),
          .fewer = number_of(at_or_null(teacher, "parameters")) /
                   number_of(at_or_null(compact, "parameters"))};
}

VerdictState state_of(const Numbers& numbers) {
  if (numbers.teacher < kLeastTeacher) return VerdictState::kStop;
  const bool keeps = std::round(100 * numbers.compact / numbers.teacher) / 100 >= kGoodShare;
  return keeps && !(numbers.low <= 0) ? VerdictState::kGood : VerdictState::kLook;
}

std::string percent(double share) {
  const double value = 100 * share;
  return fmt::format("{:.{}f} %", value, std::abs(value) < 10 ? 1 : 0);
}

std::string with_size(double fewer) {
  if (!std::isfinite(fewer) || fewer <= 0) return "";
  if (fewer < 1) return fmt::format(" with {:.1f} times its parameters", 1 / fewer);
  return fmt::format(" with 1/{:.{}f} of its parameters", fewer, fewer < 10 ? 1 : 0);
}

std::string weak_teacher(const Numbers& numbers) {
  const std::string of =
      std::isfinite(numbers.ceiling)
          ? fmt::format("{} of a {} ceiling", percent(numbers.raw), percent(numbers.ceiling))
          : fmt::format("{} of the responses", percent(numbers.raw));
  return fmt::format(
      "The teacher explains {}: stop here. A compact model of it says nothing about the neuron; a "
      "better teacher, more images or another neuron come first.",
      of);
}

std::string of_one(const Numbers& numbers, VerdictState state) {
  if (state == VerdictState::kStop) return weak_teacher(numbers);
  if (!std::isfinite(numbers.compact) || !std::isfinite(numbers.teacher)) {
    return "How much of its teacher the compact model keeps cannot be told from this run.";
  }
  std::string text = fmt::format("The compact model keeps {:.2f} of its teacher\u2019s accuracy{}.",
                                 numbers.compact / numbers.teacher, with_size(numbers.fewer));
  if (numbers.low <= 0) {
    text +=
        " Its interval reaches 0: on these images it is not told from a model that knows "
        "nothing.";
  } else if (state == VerdictState::kLook) {
    text += " More than a tenth was lost on the way: see below at which stage.";
  }
  return text;
}

double median_of_finite(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : median_of(values);
}

}  // namespace

Verdict verdict_of(const RunRecord& run, const json& neuron) {
  const Numbers numbers = numbers_of(run, neuron);
  VerdictState state = state_of(numbers);
  if (!std::isfinite(numbers.compact) || !std::isfinite(numbers.teacher)) {
    state = VerdictState::kLook;
  }
  return {state, of_one(numbers, state)};
}

Verdict verdict_of(const RunRecord& run) {
  if (run.one_neuron()) return verdict_of(run, run.neurons()[0]);
  std::vector<double> shares, fewer, teachers;
  size_t good = 0, stopped = 0;
  for (const json& neuron : run.neurons()) {
    const Numbers numbers = numbers_of(run, neuron);
    const VerdictState state = verdict_of(run, neuron).state;
    good += state == VerdictState::kGood ? 1 : 0;
    stopped += state == VerdictState::kStop ? 1 : 0;
    if (state != VerdictState::kStop) shares.push_back(numbers.compact / numbers.teacher);
    fewer.push_back(numbers.fewer);
    teachers.push_back(numbers.raw);
  }
  const size_t all = run.neurons().size();
  if (2 * stopped > all) {
    return {VerdictState::kStop,
            fmt::format("The teacher explains {} of the responses in the median, and next to "
                        "nothing for {} of {} neurons: stop here and look at the teacher first.",
                        percent(median_of_finite(teachers)), stopped, all)};
  }
  const std::string left_out =
      stopped == 0 ? "" : fmt::format(" ({} with a teacher too weak to judge left out)", stopped);
  return {good == all ? VerdictState::kGood : VerdictState::kLook,
          fmt::format("The compact models keep {:.2f} of their teacher\u2019s accuracy{}, in the "
                      "median over neurons{}: {} of {} are good.",
                      median_of_finite(shares), with_size(median_of_finite(fewer)), left_out, good,
                      all)};
}

}  // namespace secateur
