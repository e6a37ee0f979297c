#include "analysis/bootstrap.h"

#include <algorithm>
#include <map>

#include "analysis/moments.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Resamples summed together, so that a row of the table is read once for all of them. Part of the
// speed only: a set's bits do not depend on its neighbours.
constexpr int64_t kBlock = 8;

void require_options(const BootstrapOptions& options) {
  if (options.resamples < 1) {
    fail(ErrorKind::kUsage, "bootstrap", "wanted at least 1 resample, got {}", options.resamples);
  }
  if (!(options.confidence > 0.0 && options.confidence < 1.0)) {
    fail(ErrorKind::kUsage, "bootstrap", "wanted a confidence between 0 and 1, got {}",
         options.confidence);
  }
}

// How often each resample drew each image: [resamples, images].
std::vector<double> draw_weights(int64_t images, int64_t resamples, uint64_t seed) {
  std::vector<double> weights(static_cast<size_t>(resamples * images), 0.0);
  parallel_for(resamples, [&](int64_t b) {
    Rng rng(seed, "metrics/bootstrap", static_cast<uint64_t>(b));
    double* row = weights.data() + b * images;
    for (int64_t i = 0; i < images; ++i) row[rng.below(images)] += 1.0;
  });
  return weights;
}

// The metrics of one neuron on all images and on every resample.
struct Replicates {
  Metrics whole;
  std::vector<PerMetric<std::optional<double>>> resampled;
};

Replicates replicate(const MomentTable& table, std::span<const double> weights, int64_t resamples) {
  Replicates result;
  result.resampled.resize(static_cast<size_t>(resamples));
  const int64_t images = table.images();
  const auto columns = static_cast<size_t>(table.columns());
  const std::vector<double> once(static_cast<size_t>(images), 1.0);
  std::vector<double> whole(columns);
  table.weighted_sums(once, whole);
  result.whole = table.metrics(whole);
  parallel_for((resamples + kBlock - 1) / kBlock, [&](int64_t block) {
    const int64_t begin = block * kBlock;
    const auto sets = static_cast<size_t>(std::min(kBlock, resamples - begin));
    std::vector<double> sums(sets * columns);
    table.weighted_sums(
        weights.subspan(static_cast<size_t>(begin * images), sets * static_cast<size_t>(images)),
        sums);
    for (size_t s = 0; s < sets; ++s) {
      result.resampled[static_cast<size_t>(begin) + s] =
          table.metrics(std::span(sums).subspan(s * columns, columns));
    }
  });
  return result;
}

std::optional<Interval> interval_of(std::span<const double> defined,
                                    const BootstrapOptions& options) {
  const double wanted = kLeastDefined * static_cast<double>(options.resamples);
  if (defined.empty() || static_cast<double>(defined.size()) < wanted) return std::nullopt;
  const double tail = (1.0 - options.confidence) / 2.0;
  return Interval{quantile_of(defined, tail), quantile_of(defined, 1.0 - tail)};
}

MetricIntervals intervals_of(const Replicates& neuron, const BootstrapOptions& options) {
  MetricIntervals result;
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    if (!metric_at(neuron.whole, i)) continue;
    std::vector<double> defined;
    for (const auto& metrics : neuron.resampled) {
      if (const auto& value = metric_at(metrics, i)) defined.push_back(*value);
    }
    metric_at(result, i) = interval_of(defined, options);
  }
  return result;
}

// Intervals of the medians over neurons: one median per resample.
MetricIntervals median_intervals(const std::vector<const Replicates*>& kept,
                                 const BootstrapOptions& options) {
  MetricIntervals result;
  for (size_t i = 0; i < kMetricNames.size(); ++i) {
    std::vector<double> medians;
    for (size_t b = 0; b < static_cast<size_t>(options.resamples); ++b) {
      std::vector<double> values;
      for (const Replicates* neuron : kept) {
        const auto& value = metric_at(neuron->resampled[b], i);
        if (value && metric_at(neuron->whole, i)) values.push_back(*value);
      }
      if (!values.empty()) medians.push_back(median_of(values));
    }
    metric_at(result, i) = interval_of(medians, options);
  }
  return result;
}

}  // namespace

MetricIntervals bootstrap(std::span<const double> prediction, const NeuronResponses& responses,
                          uint64_t seed, const BootstrapOptions& options) {
  require_options(options);
  const MomentTable table(prediction, responses, seed);
  const auto weights = draw_weights(table.images(), options.resamples, seed);
  return intervals_of(replicate(table, weights, options.resamples), options);
}

PopulationIntervals bootstrap_population(std::span<const NeuronPrediction> neurons, uint64_t seed,
                                         const BootstrapOptions& options) {
  require_options(options);
  PopulationIntervals result;
  std::map<int64_t, std::vector<double>> weights;  // by number of images
  std::vector<Replicates> all;
  for (const NeuronPrediction& neuron : neurons) {
    const MomentTable table(neuron.prediction, neuron.responses, seed);
    auto& drawn = weights[table.images()];
    if (drawn.empty()) drawn = draw_weights(table.images(), options.resamples, seed);
    all.push_back(replicate(table, drawn, options.resamples));
    result.neurons.push_back(intervals_of(all.back(), options));
  }
  std::vector<const Replicates*> every;
  std::vector<const Replicates*> kept;
  for (const Replicates& neuron : all) {
    every.push_back(&neuron);
    if (exclusion_of(neuron.whole, options.least_snr) == Exclusion::kNone) kept.push_back(&neuron);
  }
  result.medians = median_intervals(kept, options);
  result.medians_all = median_intervals(every, options);
  return result;
}

}  // namespace secateur
