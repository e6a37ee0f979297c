#include "analysis/resampling.h"

#include <cmath>
#include <numeric>

#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"

namespace secateur {

std::optional<Interval> resampled_interval(
    int64_t count, uint64_t seed,
    const std::function<double(std::span<const double> weights)>& statistic,
    const BootstrapOptions& options) {
  if (count < 2) return std::nullopt;
  std::vector<double> values(static_cast<size_t>(options.resamples));
  parallel_for(options.resamples, [&](int64_t b) {
    Rng rng(seed, "population/bootstrap", static_cast<uint64_t>(b));
    std::vector<double> weights(static_cast<size_t>(count), 0.0);
    for (int64_t i = 0; i < count; ++i) weights[static_cast<size_t>(rng.below(count))] += 1;
    values[static_cast<size_t>(b)] = statistic(weights);
  });
  std::vector<double> finite;
  for (const double value : values) {
    if (std::isfinite(value)) finite.push_back(value);
  }
  if (finite.empty() ||
      static_cast<double>(finite.size()) < kLeastDefined * static_cast<double>(options.resamples)) {
    return std::nullopt;
  }
  const double tail = (1 - options.confidence) / 2;
  return Interval{quantile_of(finite, tail), quantile_of(finite, 1 - tail)};
}

std::optional<Interval> mean_interval(std::span<const double> values, uint64_t seed,
                                      const BootstrapOptions& options) {
  const auto count = static_cast<int64_t>(values.size());
  return resampled_interval(
      count, seed,
      [&](std::span<const double> weights) {
        return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0) /
               static_cast<double>(count);
      },
      options);
}

std::optional<Interval> median_interval(std::span<const double> values, uint64_t seed,
                                        const BootstrapOptions& options) {
  const auto median = [&](std::span<const double> weights) {
    std::vector<double> drawn;
    for (size_t i = 0; i < values.size(); ++i) {
      drawn.insert(drawn.end(), static_cast<size_t>(weights[i]), values[i]);
    }
    return median_of(drawn);
  };
  return resampled_interval(static_cast<int64_t>(values.size()), seed, median, options);
}

}  // namespace secateur
