#pragma once
// Percentile bootstrap of any statistic: how far it would move with other images of the same kind
// (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).

#include <functional>

#include "analysis/bootstrap.h"

namespace secateur {

// Resample b draws `count` items with replacement from Rng(seed, "population/bootstrap", b);
// `weights` says how often each was drawn. Empty where fewer than kLeastDefined of the resamples
// have a finite value, or for fewer than 2 items. `statistic` runs on several threads at once.
std::optional<Interval> resampled_interval(
    int64_t count, uint64_t seed,
    const std::function<double(std::span<const double> weights)>& statistic,
    const BootstrapOptions& options = {});

// A number over neurons; the interval is empty for fewer than 2 of them.
struct OverNeurons {
  double value = 0;
  std::optional<Interval> interval;
};

// Of the mean of some values.
std::optional<Interval> mean_interval(std::span<const double> values, uint64_t seed,
                                      const BootstrapOptions& options = {});

// Of their median.
std::optional<Interval> median_interval(std::span<const double> values, uint64_t seed,
                                        const BootstrapOptions& options = {});

}  // namespace secateur
