#pragma once
// What the rows of the laboratory say: each criterion against the method's rule, neuron by neuron.
//
// A neuron counts once: the mean over its seeds. The centre is the median over neurons, of r2 and
// of the paired difference to the rule at the same size; its interval is that of the bootstrap over
// neurons (analysis/resampling.h), so it says how far the number would move with other neurons of
// the same kind, and nothing about other images. Simulated and recorded neurons are kept apart.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/resampling.h"
#include "prunebench/bench_rows.h"

namespace secateur {

struct CriterionSummary {
  std::string criterion;
  int64_t neurons = 0;
  double parameters = 0;               // median
  OverNeurons r2;                      // median
  OverNeurons gain;                    // median of r2 - r2 of the rule; 0 of the rule itself
  int64_t better = 0;                  // neurons with a larger r2 than the rule's
  std::optional<OverNeurons> carried;  // mean (planted_truth.h)
  std::optional<OverNeurons> matched;  // mean over the neurons that have it
};

// Networks that are alike but for the criterion.
struct BenchGroup {
  std::string source;
  std::string schedule;
  std::string treatment;
  int64_t size = 0;
  std::vector<CriterionSummary> criteria;  // in the order of all_criteria()
};

struct BenchSource {
  std::string source;  // "simulated", "recordings"
  int64_t neurons = 0;
  double student_parameters = 0;          // median
  double student_r2 = 0;                  // median
  std::optional<double> student_carried;  // mean
  // The rule by the runs' own recipes: medians, and how many networks were compared with those that
  // the runs have made, and how many of them were the same.
  double recipe_parameters = 0;
  double recipe_r2 = 0;
  int64_t compared = 0;
  int64_t same = 0;
};

struct BenchSummary {
  std::vector<BenchSource> sources;
  // By source; one-shot before gradual; removed, recalibrated, retrained; then by size.
  std::vector<BenchGroup> groups;
};

BenchSummary summarise_bench(const std::vector<BenchRow>& rows);

// The group, or null.
const BenchGroup* group_of(const BenchSummary& summary, const std::string& source,
                           const std::string& schedule, const std::string& treatment, int64_t size);

nlohmann::json to_json(const BenchSummary& summary);

// One line a network and treatment: run, neuron, source, criterion, schedule, seed, size, wanted,
// parameters, threshold, treatment, r2, carried, matched.
std::string bench_csv(const std::vector<BenchRow>& rows);

}  // namespace secateur
