#include "interpretation/ablation_scores.h"

#include <cmath>
#include <vector>

#include "analysis/resampling.h"
#include "tensor/error.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// The squared correlation where point i counts weights[i] times; 0 when a list is constant.
double weighted_r2(std::span<const double> a, std::span<const double> b,
                   std::span<const double> weights) {
  double total = 0, mean_a = 0, mean_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    total += weights[i];
    mean_a += weights[i] * a[i];
    mean_b += weights[i] * b[i];
  }
  mean_a /= total;
  mean_b /= total;
  double aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double da = a[i] - mean_a;
    const double db = b[i] - mean_b;
    aa += weights[i] * da * da;
    bb += weights[i] * db * db;
    ab += weights[i] * da * db;
  }
  return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : 0;
}

}  // namespace

RecordedLoss recorded_loss(std::span<const double> recorded, std::span<const double> intact,
                           std::span<const double> ablated, uint64_t seed,
                           const BootstrapOptions& options) {
  require(recorded.size() == intact.size() && recorded.size() == ablated.size(), "interpret",
          "wanted as many responses of the model as recorded ones, got {} and {} for {}",
          intact.size(), ablated.size(), recorded.size());
  std::vector<double> known, before, after;
  for (size_t i = 0; i < recorded.size(); ++i) {
    if (std::isnan(recorded[i])) continue;
    known.push_back(recorded[i]);
    before.push_back(intact[i]);
    after.push_back(ablated[i]);
  }
  require(known.size() >= 2, "interpret", "wanted at least 2 recorded responses, got {}",
          known.size());
  const auto count = static_cast<int64_t>(known.size());
  const auto difference = [&](std::span<const double> weights) {
    return weighted_r2(after, known, weights) - weighted_r2(before, known, weights);
  };
  return {.r2_before = squared_correlation(before, known),
          .r2_after = squared_correlation(after, known),
          .images = count,
          .difference = resampled_interval(count, seed, difference, options)};
}

double tuning_loss(std::span<const double> intact, std::span<const double> ablated) {
  require(intact.size() == ablated.size() && !intact.empty(), "interpret",
          "wanted as many points of the ablated curve as of the intact one, got {} and {}",
          ablated.size(), intact.size());
  const double mean = mean_of(intact);
  const double moved = mean_of(ablated);
  std::vector<double> products, squares;
  for (size_t i = 0; i < intact.size(); ++i) {
    products.push_back((intact[i] - mean) * (ablated[i] - moved));
    squares.push_back((intact[i] - mean) * (intact[i] - mean));
  }
  const double power = pairwise_sum(squares);
  require(power > 0, "interpret", "the intact tuning curve is flat, so it can lose nothing");
  return 1 - pairwise_sum(products) / power;
}

}  // namespace secateur
