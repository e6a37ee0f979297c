#pragma once
// The pruning laboratory: students of finished (or distilled) runs, cut by every criterion to the
// same sizes, at once or little by little, with and without what usually follows; all scored alike.
//
// Where it starts from and what it scores with are the run's: its students, its labels, its images.
// The score is r2 with the teacher over the run's validation images; no image that scores the
// models of the run is looked at. Runs are read only.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "chain/recipe.h"
#include "prunebench/bench_rows.h"
#include "tensor/observer.h"

namespace secateur {

struct BenchRun {
  std::filesystem::path folder;
  Recipe recipe;  // its config.toml
};

struct BenchOptions {
  std::vector<std::string> criteria;  // empty: all; the method's rule is always among them
  // Sizes, the largest first: parameters, or where there are none shares of the student's.
  std::vector<int64_t> parameters;
  std::vector<double> shares = {0.5, 0.25, 0.125};
  bool gradual = false;  // besides one-shot
  double step = 0.25;    // share of the parameters that goes in one of the small cuts, in (0, 1)
  // Seed s measures criteria on the s-th stretch of the run's images, draws anew and retrains in
  // another order.
  int64_t seeds = 1;
  int64_t retrain = 0;          // images shown to every pruned network, repeats counted; 0: none
  int64_t images = 0;           // that criteria are measured on; 0: prune.images of each run
  std::string neurons = "all";  // of each run, by their places there (chain/neuron_choice.h)
  bool counts_of_rule = false;  // measured.h
};

// Throws Error(kUsage) for what is out of range.
void check_options(const BenchOptions& options);

// The criteria asked for, the method's rule among them, in the order of all_criteria().
std::vector<std::string> criteria_of(const BenchOptions& options);

// Measures what `folder` does not hold yet, and returns the rows of this call, its students and the
// networks of the runs' own recipes among them. In `folder` stay rows.json, from which the same
// call goes on after Stopped, and work/, which holds each run's labels and checkpoints. Throws
// Error(kUsage) where a run has no student of a neuron or a size is no smaller than a student, and
// what the chain throws.
std::vector<BenchRow> run_prunebench(const std::vector<BenchRun>& runs, const BenchOptions& options,
                                     const std::filesystem::path& folder, Observer& observer);

}  // namespace secateur
