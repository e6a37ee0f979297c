#include "compression/allocation.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr double kTrace = 1e-10;  // of the largest importance
constexpr int kRounds = 4;        // of the alternating fit; it settles in two or three

// The factors of h, each with the mean of what the other two leave.
class ProductFit {
 public:
  ProductFit(const TensorLayout& layout, Transform transform, std::span<const double> importance)
      : importance_(importance),
        bands_(bands_of(layout, transform)),
        filter(static_cast<size_t>(layout.filters), 1.0),
        band(static_cast<size_t>(band_count(layout, transform)), 1.0),
        channel(static_cast<size_t>(layout.channels), 1.0) {
    floor_ = kTrace * *std::max_element(importance.begin(), importance.end());
    if (!(floor_ > 0)) floor_ = 1e-30;
    const auto by_filter = [](const Place& p) { return p.filter; };
    for (int round = 0; round < kRounds; ++round) {
      refit(filter, by_filter);
      if (band.size() > 1) refit(band, [](const Place& p) { return p.band; });
      if (channel.size() > 1) refit(channel, [](const Place& p) { return p.channel; });
    }
    refit(filter, by_filter);
  }

 private:
  struct Place {
    size_t filter, channel, band;
  };

  template <class Which>
  void refit(std::vector<double>& factor, const Which& which) {
    std::vector<double> sum(factor.size(), 0.0);
    std::vector<double> count(factor.size(), 0.0);
    size_t i = 0;
    for (size_t f = 0; f < filter.size(); ++f) {
      for (size_t c = 0; c < channel.size(); ++c) {
        for (int32_t b : bands_) {
          const Place place{f, c, static_cast<size_t>(b)};
          const size_t k = which(place);
          const double others = filter[f] * channel[c] * band[place.band] / factor[k];
          sum[k] += std::max(importance_[i++], floor_) / others;
          count[k] += 1.0;
        }
      }
    }
    for (size_t k = 0; k < factor.size(); ++k) factor[k] = sum[k] / count[k];
  }

  std::span<const double> importance_;
  std::vector<int32_t> bands_;
  double floor_ = 0.0;

 public:
  std::vector<double> filter, band, channel;
};

// Half octaves of 1 / sqrt(h): -2 * 0.5 * log2(h).
std::vector<int> half_octaves(const std::vector<double>& factors) {
  std::vector<int> steps;
  for (double factor : factors) {
    const int step = static_cast<int>(std::lround(-std::log2(factor)));
    steps.push_back(std::clamp(step, -kLargestGroupStep, kLargestGroupStep));
  }
  return steps;
}

ProductFit fit_of(const TensorLayout& layout, Transform transform,
                  std::span<const double> importance) {
  require(static_cast<int64_t>(importance.size()) == layout.filters * layout.filter_numel(),
          "compress", "wanted {} importances, got {}", layout.filters * layout.filter_numel(),
          importance.size());
  return {layout, transform, importance};
}

}  // namespace

TensorPlan plan_steps(const TensorLayout& layout, Transform transform,
                      std::span<const double> importance) {
  const ProductFit fit = fit_of(layout, transform, importance);
  return {.transform = transform,
          .filter_step = half_octaves(fit.filter),
          .band_step = half_octaves(fit.band),
          .channel_step = half_octaves(fit.channel)};
}

std::vector<double> filter_octaves(const TensorLayout& layout, Transform transform,
                                   std::span<const double> importance) {
  std::vector<double> octaves = fit_of(layout, transform, importance).filter;
  for (double& octave : octaves) octave = -0.5 * std::log2(octave);
  return octaves;
}

}  // namespace secateur
