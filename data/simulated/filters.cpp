#include "data/simulated/filters.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace secateur::simulated {
namespace {

double gauss(double squared, double sigma) { return std::exp(-squared / (2 * sigma * sigma)); }

double squared_distance(const FilterSpec& spec, double along, double across) {
  return along * along + across * across / (spec.stretch * spec.stretch);
}

// Value at (along, across): coordinates along the filter's direction and at right angles to it.
double value_at(const FilterSpec& spec, double along, double across) {
  const double squared = squared_distance(spec, along, across);
  const double window = gauss(squared, spec.sigma);
  constexpr double kRadian = std::numbers::pi / 180;
  switch (spec.kind) {
    case FilterKind::kGabor:
      return window *
             std::cos(2 * std::numbers::pi * along / spec.wavelength - spec.phase * kRadian);
    case FilterKind::kEdge:
      return window * along;
    case FilterKind::kCentreSurround:
      return window - 0.25 * gauss(squared, 2 * spec.sigma);
    case FilterKind::kBlob:
      return window;
    case FilterKind::kRing:
      return std::max(0.0, gauss(squared, 2 * spec.sigma) - window);
    case FilterKind::kCorner: {
      const double inside = along - std::fabs(across);  // > 0 in the quadrant; ramps over 1 px
      return window * std::clamp(inside + 0.5, 0.0, 1.0);
    }
  }
  return 0;
}

}  // namespace

std::string_view name(FilterKind kind) {
  switch (kind) {
    case FilterKind::kGabor:
      return "gabor";
    case FilterKind::kEdge:
      return "edge";
    case FilterKind::kCentreSurround:
      return "centre-surround";
    case FilterKind::kBlob:
      return "blob";
    case FilterKind::kRing:
      return "ring";
    case FilterKind::kCorner:
      return "corner";
  }
  return "unknown";
}

std::vector<double> spatial_kernel(const FilterSpec& spec) {
  require(spec.side % 2 == 1 && spec.side >= 5 && spec.side <= 11, "filters",
          "wanted an odd filter side from 5 to 11, got {}", spec.side);
  require(spec.sigma > 0 && spec.stretch > 0, "filters",
          "wanted sigma > 0 and stretch > 0, got {} and {}", spec.sigma, spec.stretch);
  const int half = spec.side / 2;
  const double angle = spec.direction * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  std::vector<double> kernel, window;
  double sum = 0, window_sum = 0, squares = 0;
  for (int y = -half; y <= half; ++y) {
    for (int x = -half; x <= half; ++x) {
      const double along = c * x + s * y, across = c * y - s * x;
      kernel.push_back(value_at(spec, along, across));
      window.push_back(gauss(squared_distance(spec, along, across), spec.sigma));
      sum += kernel.back();
      window_sum += window.back();
    }
  }
  // Balanced under the Gaussian window, so that the border of the kernel stays small.
  const bool balanced = spec.kind != FilterKind::kBlob && spec.kind != FilterKind::kRing;
  for (size_t i = 0; i < kernel.size(); ++i) {
    if (balanced) kernel[i] -= window[i] * sum / window_sum;
    squares += kernel[i] * kernel[i];
  }
  for (double& value : kernel) value /= std::sqrt(squares);
  return kernel;
}

std::array<double, 3> channel_weights(const FilterSpec& spec) {
  std::array<double, 3> weights = spec.channels;
  const double length =
      std::sqrt(weights[0] * weights[0] + weights[1] * weights[1] + weights[2] * weights[2]);
  require(length > 0, "filters", "wanted channel weights that are not all 0, got none");
  for (double& weight : weights) weight /= length;
  return weights;
}

Tensor filter_patch(const FilterSpec& spec) {
  const std::vector<double> kernel = spatial_kernel(spec);
  const std::array<double, 3> weights = channel_weights(spec);
  Tensor patch(Shape{3, spec.side, spec.side});
  const int64_t area = static_cast<int64_t>(kernel.size());
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t i = 0; i < area; ++i) {
      patch[c * area + i] =
          static_cast<float>(weights[static_cast<size_t>(c)] * kernel[static_cast<size_t>(i)]);
    }
  }
  return patch;
}

}  // namespace secateur::simulated
