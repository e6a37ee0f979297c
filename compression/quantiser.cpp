#include "compression/quantiser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "compression/coefficient_coder.h"
#include "compression/exact_numbers.h"
#include "compression/rate_table.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Raises steps until every coefficient fits its bits. What does not fit belongs to a filter, a band
// and a channel: the one whose coarser step adds the least error to the response gives way.
class RangeFit {
 public:
  RangeFit(CompactTensor& tensor, std::span<const double> coefficients, int global_step,
           std::span<const double> importance)
      : tensor_(tensor),
        coefficients_(coefficients),
        bands_(bands_of(tensor.layout, tensor.transform)),
        groups_{&tensor.filter_step, &tensor.band_step, &tensor.channel_step} {
    for (size_t g = 0; g < groups_.size(); ++g) error_[g].assign(groups_[g]->size(), 0.0);
    steps_ = steps_of(tensor, global_step);
    for_each_place([&](size_t i, const std::array<size_t, 3>& at) {
      const double h = importance.empty() ? 1.0 : importance[i];
      for (size_t g = 0; g < groups_.size(); ++g) error_[g][at[g]] += h * steps_[i] * steps_[i];
    });
  }

  void run() {
    const std::array before = {tensor_.filter_step, tensor_.band_step, tensor_.channel_step};
    for_each_place([&](size_t i, const std::array<size_t, 3>& at) {
      int raised = 0;
      for (size_t g = 0; g < groups_.size(); ++g) raised += (*groups_[g])[at[g]] - before[g][at[g]];
      const int64_t place = static_cast<int64_t>(i % bands_.size());
      const double room = largest_code(tensor_.layout, tensor_.transform, place) + 0.49;
      double excess = std::abs(coefficients_[i]) / (steps_[i] * room) * step_size(-8 * raised);
      // Chosen anew for every half octave: a long way is shared between the groups.
      for (; excess > 1.0; excess *= step_size(-8)) raise(cheapest_group(at), at, excess);
    });
  }

 private:
  template <class Visit>
  void for_each_place(const Visit& visit) {
    size_t i = 0;
    for (size_t f = 0; f < tensor_.filter_step.size(); ++f) {
      for (size_t c = 0; c < tensor_.channel_step.size(); ++c) {
        for (int32_t band : bands_) visit(i++, {f, static_cast<size_t>(band), c});
      }
    }
  }

  size_t cheapest_group(const std::array<size_t, 3>& at) const {
    size_t chosen = 0;
    for (size_t g = 1; g < groups_.size(); ++g) {
      if (error_[g][at[g]] < error_[chosen][at[chosen]]) chosen = g;
    }
    return chosen;
  }

  void raise(size_t group, const std::array<size_t, 3>& at, double excess) {
    int& step = (*groups_[group])[at[group]];
    require(step < kLargestGroupStep, "compress",
            "{}: filter {} has weights {} times beyond the largest step", tensor_.name, at[0],
            excess);
    ++step;
    error_[group][at[group]] *= 2.0;
  }

  CompactTensor& tensor_;
  std::span<const double> coefficients_;
  std::vector<int32_t> bands_;
  std::array<std::vector<int>*, 3> groups_;
  std::array<std::vector<double>, 3> error_;  // by group: sum of importance * step^2
  std::vector<double> steps_;
};

// The cheapest of the codes around a scaled coefficient: the two nearest and one lower, so that it
// is less than kFarthestCode steps away.
int32_t cheapest(double scaled, double importance, double rate_weight, int32_t largest,
                 const RateTable& rates, int32_t band) {
  const int32_t below = static_cast<int32_t>(std::floor(scaled));
  int32_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int32_t size : {below - 1, below, below + 1}) {
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

int32_t nearest(double scaled, int32_t largest) {
  return std::min(largest, static_cast<int32_t>(std::floor(scaled + 0.5)));
}

void add_choice(double scaled, int32_t plain, int32_t chosen, double importance, double bits_saved,
                RoundingTrace& trace) {
  if (chosen == plain) return;
  ++trace.moved;
  trace.zeroed += chosen == 0 ? 1 : 0;
  trace.bits_saved += bits_saved;
  const double before = scaled - plain;
  const double after = scaled - chosen;
  trace.loss_added += importance * (after * after - before * before);
}

// Absolute codes. Which sizes are cheap depends on which are common, so the choice is made again
// with the counts it led to.
std::vector<int32_t> choose_sizes(std::span<const double> scaled, std::span<const double> steps,
                                  const CompactTensor& tensor, const Rounding& rounding,
                                  RoundingTrace* trace) {
  std::vector<int32_t> largest;
  for (int64_t place = 0; place < tensor.layout.block_numel(); ++place) {
    largest.push_back(largest_code(tensor.layout, tensor.transform, place));
  }
  const std::vector<int32_t> bands = bands_of(tensor.layout, tensor.transform);
  std::vector<int32_t> sizes(scaled.size());
  for (size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = nearest(scaled[i], largest[i % largest.size()]);
  }
  if (rounding.importance.empty()) return sizes;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    const RateTable rates(sizes, bands, band_count(tensor.layout, tensor.transform));
    for (size_t i = 0; i < sizes.size(); ++i) {
      const int32_t most = largest[i % largest.size()];
      const int32_t band = bands[i % bands.size()];
      const double importance = rounding.importance[i] * steps[i] * steps[i];
      sizes[i] = cheapest(scaled[i], importance, rounding.rate_weight, most, rates, band);
      if (trace == nullptr || round + 1 < kRounds) continue;
      const int32_t plain = nearest(scaled[i], most);
      add_choice(scaled[i], plain, sizes[i], importance,
                 rates.bits(band, plain) - rates.bits(band, sizes[i]), *trace);
    }
  }
  return sizes;
}

}  // namespace

CompactTensor quantise(const ParameterSpec& spec, const Tensor& weights, const TensorPlan& plan,
                       int global_step, const Rounding& rounding, RoundingTrace* trace) {
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
  RangeFit(tensor, coefficients, global_step, rounding.importance).run();
  const std::vector<double> steps = steps_of(tensor, global_step);
  std::vector<double> scaled(coefficients.size());
  for (size_t i = 0; i < scaled.size(); ++i) scaled[i] = std::abs(coefficients[i]) / steps[i];
  tensor.codes = choose_sizes(scaled, steps, tensor, rounding, trace);
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
