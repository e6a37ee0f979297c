#pragma once
// A population of neurons in numbers: which neurons count, which do not and why, and the medians.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/metrics.h"

namespace secateur {

// Below this signal-to-noise ratio a neuron does not count in the published medians.
inline constexpr double kLeastSnr = 0.15;

enum class Exclusion {
  kNone,
  kNoResponse,  // fewer than 2 images with a response
  kOneRepeat,   // no image with a second repeat, or only averages known: the noise is unknown
  kLowSnr,      // SNR below the least one
};

// A neuron whose repeats never differ (SNR empty for want of noise) is not excluded.
Exclusion exclusion_of(const Metrics& metrics, double least_snr = kLeastSnr);

struct MetricSummary {
  std::optional<double> median;      // over the neurons kept that have a value
  int64_t neurons = 0;               // how many these are
  std::optional<double> median_all;  // over all neurons that have a value, excluded or not
  int64_t neurons_all = 0;
  friend bool operator==(const MetricSummary&, const MetricSummary&) = default;
};

struct PopulationSummary {
  PerMetric<MetricSummary> metrics;
  MetricSummary noise_ceiling;  // of raw r2
  int64_t neurons = 0;          // given
  int64_t kept = 0;
  int64_t excluded_no_response = 0;
  int64_t excluded_one_repeat = 0;
  int64_t excluded_low_snr = 0;
  double least_snr = kLeastSnr;
  friend bool operator==(const PopulationSummary&, const PopulationSummary&) = default;
};

PopulationSummary summarize(std::span<const Metrics> neurons, double least_snr = kLeastSnr);

// One neuron to judge.
struct NeuronPrediction {
  std::span<const double> prediction;  // [images]
  NeuronResponses responses;
};

// evaluate() of every neuron, on all threads. Every neuron gets the result it would get alone.
std::vector<Metrics> evaluate_population(std::span<const NeuronPrediction> neurons, uint64_t seed);

}  // namespace secateur
