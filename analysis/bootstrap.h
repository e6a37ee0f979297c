#pragma once
// Percentile bootstrap over images: how far a metric would move with other images of the same kind
// (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
//
// Resample b draws as many images as there are, with replacement, from
// Rng(seed, "metrics/bootstrap", b). Neurons with the same number of images get the same draws, so
// the interval of a median over neurons knows that they saw the same images; and a neuron gets the
// same interval alone and in a population. Bits do not depend on the number of threads.
//
// An image without a response can be drawn and adds nothing. The bounds are quantiles over the
// resamples where the metric has a value; the interval is empty where the metric itself is empty or
// fewer than kLeastDefined of the resamples have a value (next to no explainable variance).

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/metrics.h"
#include "analysis/population.h"

namespace secateur {

inline constexpr double kLeastDefined = 0.9;

struct Interval {
  double low = 0.0;
  double high = 0.0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

using MetricIntervals = PerMetric<std::optional<Interval>>;

struct BootstrapOptions {
  int64_t resamples = 1000;      // at least 1
  double confidence = 0.95;      // in (0, 1)
  double least_snr = kLeastSnr;  // of the neurons in the medians, judged on all images
};

struct PopulationIntervals {
  std::vector<MetricIntervals> neurons;
  MetricIntervals medians;      // of summarize().metrics: over the neurons kept
  MetricIntervals medians_all;  // of their median_all: over all neurons
};

// Throw Error(kBadInput) as evaluate() does, and Error(kUsage) for options outside their range.
MetricIntervals bootstrap(std::span<const double> prediction, const NeuronResponses& responses,
                          uint64_t seed, const BootstrapOptions& options = {});
PopulationIntervals bootstrap_population(std::span<const NeuronPrediction> neurons, uint64_t seed,
                                         const BootstrapOptions& options = {});

}  // namespace secateur
