#pragma once
// How many dimensions the signal of a population has: the covariance over images of its responses,
// without the noise of single trials. Noise of the two halves of an image's repeats is independent,
// so products between the halves have the signal alone in their mean.
//
// Every neuron is divided by the standard deviation of its trials first: none counts more because
// it fires more. Repeats are split into halves by lot kDimensionSplits times; results are means
// over these.
//
// spectrum       cross-validated principal components (Stringer et al., Nature 571:361, 2019): with
//                u_k the k-th principal axis of the one half's means over images,
//                  variance_k = sum over images (a_i . u_k)(b_i . u_k) / (M - 1),
//                a_i and b_i the centred means of the halves; both halves take both roles. Can be
//                below 0 where there is noise only. Axes are noisy, so it is a little flatter than
//                the true spectrum; its sum is unbiased.
// participation  (tr S)^2 / tr(S^2) of the signal covariance S (Gao et al., bioRxiv 214262, 2017):
//                n for n equal dimensions, 1 for one. Both traces are estimated without bias from
//                  tr(S)^2 ~ mean over pairs i != j of (a_i . b_i)(a_j . b_j)
//                  tr(S^2) ~ mean over pairs i != j of (a_i . b_j)(a_j . b_i)
//                (up to 1/M for the centring): noise and the number of images cancel.

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/bootstrap.h"
#include "analysis/population_trials.h"

namespace secateur {

inline constexpr int64_t kDimensionSplits = 20;

struct SignalDimension {
  std::vector<double> spectrum;                    // [neurons], variance_k
  std::vector<std::optional<Interval>> intervals;  // of each, over images, axes as they are
  int64_t reliable = 0;                            // leading variances whose interval is above 0
  int64_t most_signal = 0;                         // leading ones that hold 90 % of the sum
  double signal_share = 0;  // of the variance of a single trial, mean over neurons
  std::optional<Interval> signal_share_interval;
  std::optional<double> participation;  // empty where there is no signal
  std::optional<Interval> participation_interval;
  // Of the covariance of the means over all repeats, noise and all: what one gets without care.
  double participation_of_means = 0;
  int64_t images = 0;
};

// Wants trials.why_not to be empty. Splits are Rng(seed, "population/repeat split", split).
SignalDimension signal_dimension(const PopulationTrials& trials, uint64_t seed,
                                 const BootstrapOptions& options = {});

}  // namespace secateur
