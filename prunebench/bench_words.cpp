#include "prunebench/bench_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prunebench/criterion.h"
#include "prunebench/neuron_cuts.h"

namespace secateur {
namespace {

constexpr int64_t kFewNeurons = 6;  // below, an interval of a median says next to nothing

std::string title_of(const std::string& criterion) { return criterion_named(criterion).title; }

std::string schedule_text(const std::string& schedule) {
  return schedule == kOneShot ? "one-shot" : "gradual";
}

std::string treatment_text(const std::string& treatment, const BenchOptions& options) {
  if (treatment == kRemoved) return "as cut";
  if (treatment == kRecalibrated) return "batch norms measured anew";
  return fmt::format("retrained on {} images", options.retrain);
}

std::string neurons_text(const std::string& source, int64_t neurons) {
  return fmt::format("{} {} neuron{}", neurons, source == "simulated" ? "simulated" : "recorded",
                     neurons == 1 ? "" : "s");
}

std::string size_text(const BenchOptions& options, int64_t size) {
  const auto at = static_cast<size_t>(size);
  if (!options.parameters.empty()) return fmt::format("{} parameters", options.parameters.at(at));
  return fmt::format("{:g} % of the parameters", 100 * options.shares.at(at));
}

std::string range_text(const OverNeurons& over, bool sign = false) {
  if (!over.interval) return "";
  return sign ? fmt::format("({:+.3f} to {:+.3f})", over.interval->low, over.interval->high)
              : fmt::format("({:.3f} to {:.3f})", over.interval->low, over.interval->high);
}

const CriterionSummary* criterion_in(const BenchGroup& group, const std::string& name) {
  const auto found = std::ranges::find(group.criteria, name, &CriterionSummary::criterion);
  return found == group.criteria.end() ? nullptr : &*found;
}

const CriterionSummary& best_of(const BenchGroup& group) {
  return *std::ranges::max_element(group.criteria, {},
                                   [](const CriterionSummary& one) { return one.r2.value; });
}

// "+0.120 (+0.080 to +0.150), better on 5 of 6 neurons", and what the interval allows to say.
std::string gain_text(const CriterionSummary& one) {
  const OverNeurons& gain = one.gain;
  if (!gain.interval) return fmt::format("{:+.3f} of a single neuron", gain.value);
  const bool holds_0 = gain.interval->low <= 0 && gain.interval->high >= 0;
  return fmt::format("{:+.3f} {}, better on {} of {} neurons{}", gain.value, range_text(gain, true),
                     one.better, one.neurons,
                     holds_0 ? "; the interval holds 0, so the rule may be as good" : "");
}

std::string best_sentence(const BenchGroup& group, const BenchOptions& options) {
  const CriterionSummary& best = best_of(group);
  const CriterionSummary& rule = *criterion_in(group, kRuleName);
  std::string text = fmt::format("At {}, {}, {}: {} keeps most, r2 {:.3f}{}{}",
                                 size_text(options, group.size), schedule_text(group.schedule),
                                 treatment_text(group.treatment, options), title_of(best.criterion),
                                 best.r2.value, best.r2.interval ? " " : "", range_text(best.r2));
  if (best.criterion == kRuleName) return text + ".";
  return text + fmt::format("; the method's rule keeps {:.3f}; difference neuron by neuron {}.",
                            rule.r2.value, gain_text(best));
}

// How much of what separates criteria is left when all are retrained.
std::string retrained_sentence(const BenchGroup& before, const BenchGroup& after,
                               const BenchOptions& options) {
  const auto spread = [](const BenchGroup& group) {
    const auto [low, high] = std::ranges::minmax_element(
        group.criteria, {}, [](const CriterionSummary& one) { return one.r2.value; });
    return high->r2.value - low->r2.value;
  };
  return fmt::format(
      "Between the best and the worst criterion lie {:.3f} of r2 as cut, {:.3f} when retrained on "
      "{} images ({}, {}).",
      spread(before), spread(after), options.retrain, size_text(options, before.size),
      schedule_text(before.schedule));
}

void add_planted(const BenchGroup& group, const BenchSource& source, const BenchOptions& options,
                 std::vector<std::string>& sentences) {
  const CriterionSummary* best = nullptr;
  for (const CriterionSummary& one : group.criteria) {
    if (one.carried && (best == nullptr || one.carried->value > best->carried->value)) best = &one;
  }
  const CriterionSummary* const rule = criterion_in(group, kRuleName);
  if (best == nullptr || !rule->carried) return;
  std::string text = fmt::format(
      "Of the planted circuits {} carries most at {} ({}, {}): partial correlation with what a "
      "part "
      "adds {:.2f} in the mean, by the method's rule {:.2f}, of the students {:.2f}",
      title_of(best->criterion), size_text(options, group.size), schedule_text(group.schedule),
      treatment_text(group.treatment, options), best->carried->value, rule->carried->value,
      source.student_carried.value_or(0));
  if (best->matched && rule->matched) {
    text += fmt::format(
        "; of the filters that match a planted one it keeps {:.0f} %, the rule {:.0f} %",
        100 * best->matched->value, 100 * rule->matched->value);
    if (const CriterionSummary* const random = criterion_in(group, "random");
        random != nullptr && random->matched) {
      text += fmt::format(", chance {:.0f} %", 100 * random->matched->value);
    }
  }
  sentences.push_back(text + ".");
}

std::string gradual_sentence(const BenchGroup& once, const BenchGroup& gradual,
                             const BenchOptions& options) {
  int64_t better = 0, criteria = 0;
  for (const CriterionSummary& one : gradual.criteria) {
    const CriterionSummary* const same = criterion_in(once, one.criterion);
    if (same == nullptr) continue;
    ++criteria;
    better += one.r2.value > same->r2.value ? 1 : 0;
  }
  return fmt::format(
      "Of {} criteria {} keep a larger median r2 when measured again after every cut than at once "
      "({}, {}).",
      criteria, better, size_text(options, once.size), treatment_text(once.treatment, options));
}

std::string source_sentence(const BenchSource& source) {
  std::string text = fmt::format(
      "{}: students of {:.0f} parameters with r2 {:.3f} (medians); the method's rule by the runs' "
      "own recipes keeps {:.0f} parameters with r2 {:.3f} as cut",
      neurons_text(source.source, source.neurons), source.student_parameters, source.student_r2,
      source.recipe_parameters, source.recipe_r2);
  if (source.compared > 0) {
    text += fmt::format("; {} of {} networks compared have the fingerprint of the run's pruned one",
                        source.same, source.compared);
  }
  return text + ".";
}

void add_answer(const BenchSummary& summary, const BenchSource& source, const BenchOptions& options,
                std::vector<std::string>& sentences) {
  sentences.push_back(source_sentence(source));
  const auto group = [&](const char* schedule, const char* treatment, int64_t size) {
    return group_of(summary, source.source, schedule, treatment, size);
  };
  const char* const last_treatment = options.retrain > 0 ? kRetrained : kRecalibrated;
  for (int64_t size = 0; size < sizes_in(options); ++size) {
    for (const char* const schedule : {kOneShot, kGradual}) {
      for (const char* const treatment : {kRemoved, last_treatment}) {
        const BenchGroup* const one = group(schedule, treatment, size);
        if (one != nullptr) sentences.push_back(best_sentence(*one, options));
      }
    }
  }
  const int64_t last = sizes_in(options) - 1;
  const BenchGroup* const once = group(kOneShot, kRemoved, last);
  const BenchGroup* const gradual = group(kGradual, kRemoved, last);
  const BenchGroup* const retrained = group(kOneShot, kRetrained, last);
  if (once != nullptr && retrained != nullptr) {
    sentences.push_back(retrained_sentence(*once, *retrained, options));
  }
  if (once != nullptr && gradual != nullptr) {
    sentences.push_back(gradual_sentence(*once, *gradual, options));
  }
  if (once != nullptr) add_planted(*once, source, options, sentences);
  if (retrained != nullptr) add_planted(*retrained, source, options, sentences);
  if (source.neurons < kFewNeurons) {
    sentences.push_back(fmt::format("{} say little about others: take {} or more.",
                                    neurons_text(source.source, source.neurons), kFewNeurons));
  }
}

std::string table_line(const std::string& first, const std::vector<std::string>& cells) {
  std::string line = fmt::format("{:<26}", first);
  for (const std::string& one : cells) line += fmt::format(" {:<27}", one);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table_block(const std::vector<const BenchGroup*>& groups, const BenchOptions& options) {
  const BenchGroup& first = *groups.front();
  std::vector<std::string> cells;
  for (const BenchGroup* const group : groups) cells.push_back(size_text(options, group->size));
  std::string text = table_line(fmt::format("{}", schedule_text(first.schedule)), cells);
  text.insert(0, fmt::format("\n{}, {}\n", neurons_text(first.source, first.criteria[0].neurons),
                             treatment_text(first.treatment, options)));
  for (const CriterionSummary& one : first.criteria) {
    cells.clear();
    for (const BenchGroup* const group : groups) {
      const CriterionSummary* const there = criterion_in(*group, one.criterion);
      if (there == nullptr) {
        cells.emplace_back("-");
        continue;
      }
      const bool rule = one.criterion == kRuleName;
      cells.push_back(fmt::format("{:.3f} {}", there->r2.value,
                                  rule ? range_text(there->r2) : range_text(there->gain, true)));
    }
    text += table_line(title_of(one.criterion), cells);
  }
  return text;
}

}  // namespace

std::string bench_table(const BenchSummary& summary, const BenchOptions& options) {
  std::string text =
      "median r2 with the teacher over validation images; in brackets, of the method's rule the 95 "
      "% interval of that,\nof the others that of the median paired difference to the rule "
      "(bootstrap over neurons)\n";
  for (size_t i = 0; i < summary.groups.size();) {
    std::vector<const BenchGroup*> alike;
    const BenchGroup& first = summary.groups[i];
    for (; i < summary.groups.size() && summary.groups[i].source == first.source &&
           summary.groups[i].schedule == first.schedule &&
           summary.groups[i].treatment == first.treatment;
         ++i) {
      alike.push_back(&summary.groups[i]);
    }
    text += table_block(alike, options);
  }
  return text;
}

std::vector<std::string> bench_answer(const BenchSummary& summary, const BenchOptions& options) {
  std::vector<std::string> sentences;
  for (const BenchSource& source : summary.sources) {
    add_answer(summary, source, options, sentences);
  }
  return sentences;
}

}  // namespace secateur
