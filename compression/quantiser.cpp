#include "compression/quantiser.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compression/coefficient_coder.h"
#include "compression/exact_numbers.h"
#include "compression/rate_table.h"
#include "tensor/error.h"

namespace secateur {
namespace {

int32_t largest_code(const TensorLayout& layout) {
  return (1 << ((layout.kernel ? kMostBits : kMostBiasBits) - 1)) - 1;
}

// Raises the step of every filter whose largest coefficient would not fit.
void fit_range(CompactTensor& tensor, std::span<const double> coefficients, int global_step) {
  const double room = largest_code(tensor.layout) + 0.49;
  const int64_t count = tensor.layout.filter_numel();
  const std::vector<double> steps = steps_of(tensor, global_step);
  for (int64_t f = 0; f < tensor.layout.filters; ++f) {
    double excess = 0.0;
    for (int64_t i = f * count; i < (f + 1) * count; ++i) {
      const size_t at = static_cast<size_t>(i);
      excess = std::max(excess, std::abs(coefficients[at]) / (steps[at] * room));
    }
    int& step = tensor.filter_step[static_cast<size_t>(f)];
    while (excess > 1.0 && step < kLargestGroupStep) {
      ++step;
      excess *= step_size(-8);
    }
    require(excess <= 1.0, "compress", "{}: filter {} has weights {} times beyond the largest step",
            tensor.name, f, excess);
  }
}

// The cheapest of the codes around a scaled coefficient: the two nearest, one lower, and zero.
int32_t cheapest(double scaled, double importance, double rate_weight, int32_t largest,
                 const RateTable& rates, int32_t band) {
  const int32_t below = static_cast<int32_t>(std::floor(scaled));
  int32_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int32_t size : {0, below - 1, below, below + 1}) {
    if (size < 0 || size > largest) continue;
    const double error = scaled - size;
    const double cost = importance * error * error + rate_weight * rates.bits(band, size);
    if (cost < least) {
      least = cost;
      best = size;
    }
  }
  return best;
}

// Absolute codes. Which sizes are cheap depends on which are common, so the choice is made again
// with the counts it led to.
std::vector<int32_t> choose_sizes(std::span<const double> scaled, std::span<const double> steps,
                                  const CompactTensor& tensor, const Rounding& rounding) {
  const int32_t largest = largest_code(tensor.layout);
  const std::vector<int32_t> bands = bands_of(tensor.layout, tensor.transform);
  std::vector<int32_t> sizes(scaled.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = std::min(largest, static_cast<int32_t>(std::floor(scaled[i] + 0.5)));
  }
  if (rounding.importance.empty()) return sizes;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    const RateTable rates(sizes, bands, band_count(tensor.layout, tensor.transform));
    for (size_t i = 0; i < sizes.size(); ++i) {
      sizes[i] = cheapest(scaled[i], rounding.importance[i] * steps[i] * steps[i],
                          rounding.rate_weight, largest, rates, bands[i % bands.size()]);
    }
  }
  return sizes;
}

}  // namespace

CompactTensor quantise(const ParameterSpec& spec, const Tensor& weights, const TensorPlan& plan,
                       int global_step, const Rounding& rounding) {
  require(weights.shape() == spec.shape, "compress", "{}: wanted weights {}, got {}", spec.name,
          spec.shape, weights.shape());
  CompactTensor tensor{.name = spec.name,
                       .shape = spec.shape,
                       .layout = layout_of(spec),
                       .transform = plan.transform,
                       .filter_step = plan.filter_step,
                       .band_step = plan.band_step,
                       .channel_step = plan.channel_step,
                       .codes = std::vector<int32_t>(static_cast<size_t>(weights.numel()))};
  validate(tensor, spec);
  require(rounding.importance.empty() || rounding.importance.size() == tensor.codes.size(),
          "compress", "{}: wanted {} importances, got {}", spec.name, tensor.codes.size(),
          rounding.importance.size());
  const std::vector<double> coefficients =
      to_coefficients(weights.values(), tensor.layout, tensor.transform);
  fit_range(tensor, coefficients, global_step);
  const std::vector<double> steps = steps_of(tensor, global_step);
  std::vector<double> scaled(coefficients.size());
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = std::abs(coefficients[i]) / steps[i];
  tensor.codes = choose_sizes(scaled, steps, tensor, rounding);
  for (size_t i = 0; i < scaled.size(); ++i) {
    if (coefficients[i] < 0) tensor.codes[i] = -tensor.codes[i];
  }
  return tensor;
}

CompactModel quantise(const Model& folded, std::span<const TensorPlan> plans, int global_step) {
  const std::vector<ParameterSpec>& specs = folded.specs();
  require(plans.size() == specs.size(), "compress", "wanted {} plans, got {}", specs.size(),
          plans.size());
  CompactModel compact{.architecture = folded.architecture(),
                       .global_step = global_step,
                       .tensors = {},
                       .metadata = folded.metadata};
  for (size_t i = 0; i < specs.size(); ++i) {
    compact.tensors.push_back(
        quantise(specs[i], folded.tensor(specs[i].name), plans[i], global_step, {}));
  }
  return compact;
}

double estimated_bits(std::span<const int32_t> codes, const TensorLayout& layout,
                      Transform transform) {
  const std::vector<int32_t> bands = bands_of(layout, transform);
  std::vector<int32_t> sizes(codes.begin(), codes.end());
  for (int32_t& size : sizes) size = std::abs(size);
  const RateTable rates(sizes, bands, band_count(layout, transform));
  double bits = 0.0;
  for (size_t i = 0; i < sizes.size(); ++i) bits += rates.bits(bands[i % bands.size()], sizes[i]);
  return bits;
}

}  // namespace secateur
