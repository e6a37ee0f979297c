#include "analysis/population.h"

#include "tensor/parallel.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

template <class Get>
MetricSummary summary_of(std::span<const Metrics> neurons, double least_snr, const Get& get) {
  std::vector<double> kept, all;
  for (const Metrics& neuron : neurons) {
    const std::optional<double> value = get(neuron);
    if (!value) continue;
    all.push_back(*value);
    if (exclusion_of(neuron, least_snr) == Exclusion::kNone) kept.push_back(*value);
  }
  MetricSummary summary;
  summary.neurons = static_cast<int64_t>(kept.size());
  summary.neurons_all = static_cast<int64_t>(all.size());
  if (!kept.empty()) summary.median = median_of(kept);
  if (!all.empty()) summary.median_all = median_of(all);
  return summary;
}

}  // namespace

Exclusion exclusion_of(const Metrics& metrics, double least_snr) {
  if (metrics.images < 2) return Exclusion::kNoResponse;
  if (metrics.images_repeated == 0) return Exclusion::kOneRepeat;
  if (metrics.snr && *metrics.snr < least_snr) return Exclusion::kLowSnr;
  return Exclusion::kNone;
}

PopulationSummary summarize(std::span<const Metrics> neurons, double least_snr) {
  PopulationSummary summary;
  summary.neurons = static_cast<int64_t>(neurons.size());
  summary.least_snr = least_snr;
  for (const Metrics& neuron : neurons) {
    const Exclusion reason = exclusion_of(neuron, least_snr);
    summary.kept += reason == Exclusion::kNone;
    summary.excluded_no_response += reason == Exclusion::kNoResponse;
    summary.excluded_one_repeat += reason == Exclusion::kOneRepeat;
    summary.excluded_low_snr += reason == Exclusion::kLowSnr;
  }
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    metric_at(summary.metrics, i) =
        summary_of(neurons, least_snr, [i](const Metrics& m) { return metric_at(m, i); });
  }
  summary.noise_ceiling =
      summary_of(neurons, least_snr, [](const Metrics& m) { return m.noise_ceiling; });
  return summary;
}

std::vector<Metrics> evaluate_population(std::span<const NeuronPrediction> neurons, uint64_t seed) {
  std::vector<Metrics> result(neurons.size());
  parallel_for(static_cast<int64_t>(neurons.size()), [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    result[at] = evaluate(neurons[at].prediction, neurons[at].responses, seed);
  });
  return result;
}

}  // namespace secateur
