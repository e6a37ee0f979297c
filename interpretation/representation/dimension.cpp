#include "interpretation/representation/dimension.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/resampling.h"
#include "interpretation/representation/cka.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// log(r2 / r1) of every pattern that has no copy.
std::vector<double> log_ratios(const GramMatrix& gram) {
  const std::vector<double> squared = squared_distances(gram);
  const int64_t n = gram.images;
  std::vector<double> ratios;
  for (int64_t i = 0; i < n; ++i) {
    double first = std::numeric_limits<double>::infinity();
    double second = first;
    for (int64_t k = 0; k < n; ++k) {
      const double d = squared[static_cast<size_t>(i * n + k)];
      if (k == i || d >= second) continue;
      second = std::max(d, first);
      first = std::min(d, first);
    }
    if (first > 0 && std::isfinite(second)) ratios.push_back(0.5 * std::log(second / first));
  }
  return ratios;
}

// `weights` says how often each ratio, from the smallest on, is there.
double slope_through_origin(const std::vector<double>& sorted, std::span<const double> weights,
                            double discarded) {
  const auto count = static_cast<double>(sorted.size());
  double squares = 0;
  double products = 0;
  double rank = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const double before = rank;
    rank += weights[i];
    // A ratio drawn several times stands at each of its ranks.
    for (double at = before + 1; at <= rank; ++at) {
      if (at >= count || at > (1 - discarded) * count) break;
      squares += sorted[i] * sorted[i];
      products -= sorted[i] * std::log1p(-at / count);
    }
  }
  return squares > 0 ? products / squares : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ParticipationRatio participation_ratio(const GramMatrix& gram) {
  const std::vector<double> unbiased = u_centred_products(gram);
  if (!patterns_differ(gram)) return {};
  const auto n = static_cast<size_t>(gram.images);
  const auto count = static_cast<double>(n);
  const std::vector<double> centred = centred_products(gram);
  double trace = 0;
  double squares = 0;
  double unbiased_squares = 0;
  for (size_t i = 0; i < n; ++i) {
    trace += centred[i * n + i];
    for (size_t k = 0; k < n; ++k) {
      squares += centred[i * n + k] * centred[i * n + k];
      unbiased_squares += unbiased[i * n + k] * unbiased[i * n + k];
    }
  }
  const double per_image = trace / (count - 1);
  return {.of_images = trace * trace / squares,
          .debiased = per_image * per_image / (unbiased_squares / (count * (count - 3)))};
}

TwoNnDimension two_nn_dimension(const GramMatrix& gram, const TwoNnOptions& options) {
  if (!(options.discarded >= 0 && options.discarded < 1)) {
    fail(ErrorKind::kUsage, "two-nn", "wanted a discarded share in [0, 1), got {}",
         options.discarded);
  }
  std::vector<double> sorted = log_ratios(gram);
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<int64_t>(sorted.size());
  TwoNnDimension found{
      .dimension = {}, .interval = {}, .images = count, .repeated = gram.images - count};
  if (count < kFewestRatios) return found;
  const auto slope = [&](std::span<const double> weights) {
    return slope_through_origin(sorted, weights, options.discarded);
  };
  const double dimension = slope(std::vector<double>(sorted.size(), 1.0));
  if (!(dimension <= static_cast<double>(gram.images - 1))) return found;
  found.dimension = dimension;
  found.interval = resampled_interval(count, options.seed, slope, options.bootstrap);
  return found;
}

}  // namespace secateur
