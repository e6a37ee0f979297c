#pragma once
// Variability that neurons share from trial to trial, the image being the same: factor analysis
// (factor_analysis.h) of residuals, a trial less the mean over the trials of its image, times
// sqrt(k / (k - 1)) for k trials, so that its variance is that of a trial. Each neuron's residuals
// have variance 1 in the fitting half.
//
// The half-split rule holds: how many factors is chosen by five-fold cross-validated likelihood
// within the first half of the recording's images, the model is fitted on all of that half, and the
// second half scores it. Trials of an image are never on both sides.
//
// The score that needs no model to be read: each neuron's residual is predicted from those of all
// the others in the same trial (leave one neuron out); what no factor shares cannot be predicted.
//   explained = 1 - sum (x - predicted)^2 / sum x^2

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/bootstrap.h"
#include "analysis/population_trials.h"

namespace secateur {

inline constexpr int64_t kMostFactorsTried = 12;

struct SharedVariability {
  int64_t neurons = 0;
  int64_t silent_neurons = 0;  // left out: no residual but 0 in one of the halves
  int64_t fitting_trials = 0;
  int64_t scoring_trials = 0;
  // Mean log likelihood of a held-out trial of the fitting half less that of 0 factors, in nats:
  // element q for q factors.
  std::vector<double> gain_by_factors;
  int64_t factors = 0;      // the most likely number; 0: nothing is shared that a model could find
  int64_t dimensions = 0;   // of these, that hold 95 % of the shared variance
  double shared_share = 0;  // of a neuron's residual variance, by the model, mean over neurons
  // Second half of the images:
  double gain = 0;  // nats a trial over 0 factors
  std::optional<Interval> gain_interval;
  double explained = 0;  // of all neurons together, each from the others
  std::optional<Interval> explained_interval;
  std::vector<double> explained_of;  // each neuron
  std::string why_not;               // a sentence where there is no result; else empty
};

// `images` are those of the recording, of which half_range() tells the halves.
SharedVariability shared_variability(const PopulationTrials& trials, int64_t images, uint64_t seed,
                                     const BootstrapOptions& options = {});

}  // namespace secateur
