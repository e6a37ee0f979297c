#include "prunebench/bench_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "analysis/metrics_json.h"
#include "prunebench/criterion.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr uint64_t kBootstrapSeed = 1;
constexpr std::array kSources = {"simulated", "recordings"};
constexpr std::array kSchedules = {kOneShot, kGradual};
constexpr std::array kTreatments = {kRemoved, kRecalibrated, kRetrained};

using NeuronName = std::pair<int64_t, std::string>;  // run, label

// What the seeds of a neuron give, then their mean.
struct NeuronNumbers {
  std::vector<double> r2, parameters, carried, matched;
};
using ByNeuron = std::map<NeuronName, NeuronNumbers>;

std::optional<double> mean_or_none(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional(mean_of(values));
}

OverNeurons median_over(const std::vector<double>& values) {
  return {median_of(values), median_interval(values, kBootstrapSeed)};
}

std::optional<OverNeurons> mean_over(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return OverNeurons{mean_of(values), mean_interval(values, kBootstrapSeed)};
}

void take(const BenchRow& row, const std::string& treatment, ByNeuron& neurons) {
  const auto outcome = row.outcomes.find(treatment);
  if (outcome == row.outcomes.end()) return;
  NeuronNumbers& numbers = neurons[{row.key.run, row.key.neuron}];
  numbers.r2.push_back(outcome->second.r2);
  numbers.parameters.push_back(static_cast<double>(row.parameters));
  if (outcome->second.carried) numbers.carried.push_back(*outcome->second.carried);
  if (row.matched) numbers.matched.push_back(*row.matched);
}

// Over the neurons that the rule was measured on as well.
CriterionSummary summary_of(const std::string& criterion, const ByNeuron& neurons,
                            const ByNeuron& rule) {
  CriterionSummary summary{.criterion = criterion};
  std::vector<double> r2, gain, parameters, carried, matched;
  for (const auto& [name, numbers] : neurons) {
    const auto other = rule.find(name);
    if (other == rule.end()) continue;
    r2.push_back(mean_of(numbers.r2));
    gain.push_back(r2.back() - mean_of(other->second.r2));
    parameters.push_back(mean_of(numbers.parameters));
    if (gain.back() > 0) ++summary.better;
    if (const auto mean = mean_or_none(numbers.carried)) carried.push_back(*mean);
    if (const auto mean = mean_or_none(numbers.matched)) matched.push_back(*mean);
  }
  summary.neurons = std::ssize(r2);
  if (r2.empty()) return summary;
  summary.parameters = median_of(parameters);
  summary.r2 = median_over(r2);
  summary.gain = median_over(gain);
  summary.carried = mean_over(carried);
  summary.matched = mean_over(matched);
  return summary;
}

void add_group(const std::vector<BenchRow>& rows, BenchGroup group, BenchSummary& summary) {
  std::map<std::string, ByNeuron> by_criterion;
  for (const BenchRow& row : rows) {
    if (row.source == group.source && row.key.schedule == group.schedule &&
        row.key.size == group.size) {
      take(row, group.treatment, by_criterion[row.key.criterion]);
    }
  }
  for (const Criterion& criterion : all_criteria()) {
    const CriterionSummary one =
        summary_of(criterion.name, by_criterion[criterion.name], by_criterion[kRuleName]);
    if (one.neurons > 0) group.criteria.push_back(one);
  }
  if (!group.criteria.empty()) summary.groups.push_back(std::move(group));
}

std::optional<BenchSource> source_summary(const std::vector<BenchRow>& rows,
                                          const std::string& source) {
  BenchSource summary{.source = source};
  std::vector<double> parameters, r2, carried, recipe_parameters, recipe_r2;
  for (const BenchRow& row : rows) {
    if (row.source != source) continue;
    if (row.key.schedule == kStudent) {
      parameters.push_back(static_cast<double>(row.parameters));
      r2.push_back(row.outcomes.at(kRemoved).r2);
      if (row.outcomes.at(kRemoved).carried) carried.push_back(*row.outcomes.at(kRemoved).carried);
    } else if (row.key.schedule == kAsRecipe) {
      recipe_parameters.push_back(static_cast<double>(row.parameters));
      recipe_r2.push_back(row.outcomes.at(kRemoved).r2);
      summary.compared += row.same_as_run ? 1 : 0;
      summary.same += row.same_as_run.value_or(false) ? 1 : 0;
    }
  }
  if (parameters.empty() || recipe_r2.empty()) return std::nullopt;
  summary.neurons = std::ssize(parameters);
  summary.student_parameters = median_of(parameters);
  summary.student_r2 = median_of(r2);
  summary.student_carried = mean_or_none(carried);
  summary.recipe_parameters = median_of(recipe_parameters);
  summary.recipe_r2 = median_of(recipe_r2);
  return summary;
}

json over_json(const OverNeurons& over) {
  return {{"value", over.value}, {"interval", over.interval ? json(*over.interval) : json()}};
}

json over_json(const std::optional<OverNeurons>& over) { return over ? over_json(*over) : json(); }

json group_json(const BenchGroup& group) {
  json criteria = json::array();
  for (const CriterionSummary& one : group.criteria) {
    criteria.push_back({{"criterion", one.criterion},
                        {"neurons", one.neurons},
                        {"parameters", one.parameters},
                        {"r2", over_json(one.r2)},
                        {"gain", over_json(one.gain)},
                        {"better", one.better},
                        {"carried", over_json(one.carried)},
                        {"matched", over_json(one.matched)}});
  }
  return {{"source", group.source},
          {"schedule", group.schedule},
          {"treatment", group.treatment},
          {"size", group.size},
          {"criteria", criteria}};
}

std::string cell(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : "";
}

}  // namespace

BenchSummary summarise_bench(const std::vector<BenchRow>& rows) {
  std::set<int64_t> sizes;
  for (const BenchRow& row : rows) sizes.insert(row.key.size);
  BenchSummary summary;
  for (const char* const source : kSources) {
    if (const auto one = source_summary(rows, source)) summary.sources.push_back(*one);
    for (const char* const schedule : kSchedules) {
      for (const char* const treatment : kTreatments) {
        for (const int64_t size : sizes) {
          add_group(rows,
                    {.source = source, .schedule = schedule, .treatment = treatment, .size = size},
                    summary);
        }
      }
    }
  }
  return summary;
}

const BenchGroup* group_of(const BenchSummary& summary, const std::string& source,
                           const std::string& schedule, const std::string& treatment,
                           int64_t size) {
  for (const BenchGroup& group : summary.groups) {
    if (group.source == source && group.schedule == schedule && group.treatment == treatment &&
        group.size == size) {
      return &group;
    }
  }
  return nullptr;
}

json to_json(const BenchSummary& summary) {
  json sources = json::array(), groups = json::array();
  for (const BenchSource& one : summary.sources) {
    sources.push_back(
        {{"source", one.source},
         {"neurons", one.neurons},
         {"student_parameters", one.student_parameters},
         {"student_r2", one.student_r2},
         {"student_carried", one.student_carried ? json(*one.student_carried) : json()},
         {"recipe_parameters", one.recipe_parameters},
         {"recipe_r2", one.recipe_r2},
         {"compared_with_runs", one.compared},
         {"same_as_runs", one.same}});
  }
  for (const BenchGroup& group : summary.groups) groups.push_back(group_json(group));
  return {{"sources", sources}, {"groups", groups}};
}

std::string bench_csv(const std::vector<BenchRow>& rows) {
  std::string text =
      "run,neuron,source,criterion,schedule,seed,size,wanted,parameters,threshold,treatment,r2,"
      "carried,matched\n";
  for (const BenchRow& row : rows) {
    for (const auto& [treatment, outcome] : row.outcomes) {
      text += fmt::format("{},{},{},{},{},{},{},{},{},{:.6g},{},{:.6g},{},{}\n", row.key.run,
                          row.key.neuron, row.source, row.key.criterion, row.key.schedule,
                          row.key.seed, row.key.size, row.wanted, row.parameters, row.threshold,
                          treatment, outcome.r2, cell(outcome.carried), cell(row.matched));
    }
  }
  return text;
}

}  // namespace secateur
