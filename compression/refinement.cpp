#include "compression/refinement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "compression/quantiser.h"
#include "compression/rate_table.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kMostPasses = 16;
constexpr int64_t kSettled = 500;  // a pass that moves one code in so many is the last

// Shares of the four sums.
struct Blend {
  float all = 0, tensor = 0, filter = 0;
  double alone = 1;
};

Blend blend_for(int64_t images) {
  const double n = static_cast<double>(std::min<int64_t>(images, 1440));
  const double all = 0.5 * n / (n + 1440.0);
  return {.all = static_cast<float>(all),
          .tensor = static_cast<float>(0.8 * all),
          .filter = static_cast<float>(1.6 * all),
          .alone = 1.0 - 3.4 * all};
}

constexpr size_t kLanes = 32;

// In a fixed order, whatever the machine's width.
double dot_product(std::span<const float> a, std::span<const float> b) {
  std::array<float, kLanes> lanes{};
  size_t n = 0;
  for (; n + kLanes <= a.size(); n += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lanes[k] += a[n + k] * b[n + k];
  }
  double sum = 0.0;
  for (const float lane : lanes) sum += lane;
  for (; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

void add_scaled(std::span<float> to, float factor, std::span<const float> from) {
  for (size_t n = 0; n < to.size(); ++n) to[n] += factor * from[n];
}

class Descent {
 public:
  Descent(const Model& folded, const GradientMatrix& gradients, double bit_value,
          CompactModel& compact)
      : gradients_(gradients),
        bit_value_(bit_value),
        compact_(compact),
        blend_(blend_for(gradients.images())),
        all_(static_cast<size_t>(gradients.images()), 0.0f) {
    for (const CompactTensor& tensor : compact.tensors) {
      first_.push_back(static_cast<int64_t>(wanted_.size()));
      const std::vector<double> steps = steps_of(tensor, compact.global_step);
      const std::vector<double> wanted =
          to_coefficients(folded.tensor(tensor.name).values(), tensor.layout, tensor.transform);
      steps_.insert(steps_.end(), steps.begin(), steps.end());
      wanted_.insert(wanted_.end(), wanted.begin(), wanted.end());
      of_tensor_.emplace_back(all_.size(), 0.0f);
      of_filter_.emplace_back(static_cast<size_t>(tensor.layout.filters), all_);
    }
    require(gradients.coefficients() == static_cast<int64_t>(wanted_.size()), "compress",
            "wanted gradients of {} coefficients, got {}", wanted_.size(),
            gradients.coefficients());
    for (int64_t i = 0; i < gradients.coefficients(); ++i) {
      const std::span<const float> column = gradients.column(i);
      square_.push_back(dot_product(column, column) / images());
    }
    start();
  }

  // The number of codes that moved.
  int64_t pass() {
    int64_t moved = 0;
    for (size_t t = 0; t < compact_.tensors.size(); ++t) {
      const CompactTensor& tensor = compact_.tensors[t];
      const RateTable rates = rates_of(tensor);
      for (int64_t f = 0; f < tensor.layout.filters; ++f) moved += pass_filter(t, f, rates);
    }
    return moved;
  }

  // What the errors really do to the response.
  void differ_by(std::vector<float> difference) { all_ = std::move(difference); }

  double loss() const { return dot_product(all_, all_) / images(); }

 private:
  double images() const { return static_cast<double>(gradients_.images()); }

  static RateTable rates_of(const CompactTensor& tensor) {
    std::vector<int32_t> sizes;
    for (const int32_t code : tensor.codes) sizes.push_back(std::abs(code));
    return RateTable(sizes, bands_of(tensor.layout, tensor.transform),
                     band_count(tensor.layout, tensor.transform));
  }

  double error(size_t tensor, int64_t index) const {
    const size_t i = static_cast<size_t>(first_[tensor] + index);
    return compact_.tensors[tensor].codes[static_cast<size_t>(index)] * steps_[i] - wanted_[i];
  }

  // What the errors do to the response: of each filter, each tensor, all.
  void start() {
    for (size_t t = 0; t < compact_.tensors.size(); ++t) {
      const int64_t count = compact_.tensors[t].layout.filter_numel();
      for (size_t f = 0; f < of_filter_[t].size(); ++f) {
        for (int64_t i = 0; i < count; ++i) {
          const int64_t index = static_cast<int64_t>(f) * count + i;
          add_scaled(of_filter_[t][f], static_cast<float>(error(t, index)),
                     gradients_.column(first_[t] + index));
        }
        add_scaled(of_tensor_[t], 1.0f, of_filter_[t][f]);
      }
      add_scaled(all_, 1.0f, of_tensor_[t]);
    }
  }

  int64_t pass_filter(size_t t, int64_t filter, const RateTable& rates) {
    CompactTensor& tensor = compact_.tensors[t];
    std::vector<float>& own = of_filter_[t][static_cast<size_t>(filter)];
    std::vector<float> blended(all_.size(), 0.0f);
    add_scaled(blended, blend_.all, all_);
    add_scaled(blended, blend_.tensor, of_tensor_[t]);
    add_scaled(blended, blend_.filter, own);
    std::vector<float> change(all_.size(), 0.0f);
    const std::vector<int32_t> bands = bands_of(tensor.layout, tensor.transform);
    const int64_t count = tensor.layout.filter_numel();
    int64_t moved = 0;
    for (int64_t index = filter * count; index < (filter + 1) * count; ++index) {
      const size_t at = static_cast<size_t>(index);
      const int32_t band = bands[at % bands.size()];
      const int32_t best = best_code(t, index, blended, rates, band);
      if (best == tensor.codes[at]) continue;
      const float by = static_cast<float>((best - tensor.codes[at]) *
                                          steps_[static_cast<size_t>(first_[t]) + at]);
      const std::span<const float> column = gradients_.column(first_[t] + index);
      add_scaled(change, by, column);
      add_scaled(blended, by * (blend_.all + blend_.tensor + blend_.filter), column);
      tensor.codes[at] = best;
      ++moved;
    }
    if (moved == 0) return 0;
    for (std::vector<float>* sum : {&own, &of_tensor_[t], &all_}) add_scaled(*sum, 1.0f, change);
    return moved;
  }

  int32_t best_code(size_t t, int64_t index, const std::vector<float>& blended,
                    const RateTable& rates, int32_t band) const {
    const CompactTensor& tensor = compact_.tensors[t];
    const size_t i = static_cast<size_t>(first_[t] + index);
    const int32_t now = tensor.codes[static_cast<size_t>(index)];
    const double slope = dot_product(gradients_.column(first_[t] + index), blended) / images() +
                         blend_.alone * square_[i] * error(t, index);
    const int32_t largest =
        largest_code(tensor.layout, tensor.transform, index % tensor.layout.block_numel());
    const double scaled = wanted_[i] / steps_[i];
    const double bits_now = rates.bits(band, std::abs(now));
    int32_t best = now;
    double least = 0.0;
    const auto nearest = static_cast<int32_t>(std::lround(scaled));
    for (int32_t code = nearest - 2; code <= nearest + 2; ++code) {
      if (std::abs(code) > largest || std::abs(code - scaled) >= kFarthestCode) continue;
      const double by = (code - now) * steps_[i];
      const double cost = 2.0 * by * slope + by * by * square_[i] +
                          bit_value_ * (rates.bits(band, std::abs(code)) - bits_now);
      if (cost < least) {
        least = cost;
        best = code;
      }
    }
    return best;
  }

  const GradientMatrix& gradients_;
  double bit_value_;
  CompactModel& compact_;
  Blend blend_;
  std::vector<int64_t> first_;  // coefficient of each tensor
  std::vector<double> steps_, wanted_, square_;
  std::vector<float> all_;                                  // J e, [images]
  std::vector<std::vector<float>> of_tensor_;               // the part of each tensor
  std::vector<std::vector<std::vector<float>>> of_filter_;  // and of each of its filters
};

double bits_of(const CompactModel& compact) {
  double bits = 0.0;
  for (const CompactTensor& tensor : compact.tensors) {
    bits += estimated_bits(tensor.codes, tensor.layout, tensor.transform);
  }
  return bits;
}

}  // namespace

Refinement refine(const Model& folded, const GradientMatrix& gradients, const RowImages& images,
                  double bit_value, CompactModel& compact, Observer& observer) {
  const std::vector<CompactTensor> before = compact.tensors;
  Descent descent(folded, gradients, bit_value, compact);
  Refinement result{
      .images = gradients.images(), .loss_before = descent.loss(), .bits_before = bits_of(compact)};
  const auto settle = [&] {
    const int64_t few = gradients.coefficients() / kSettled;
    bool settled = false;
    for (int64_t passes = 0; !settled && passes < kMostPasses; ++passes, ++result.passes) {
      stop_if_asked(observer);
      settled = descent.pass() <= few;
    }
  };
  settle();
  // Errors of this size are not quite linear. A third time gains nothing.
  descent.differ_by(
      gradients.responses().difference(respond_to_rows(decode(compact), images, observer)));
  settle();
  for (size_t t = 0; t < before.size(); ++t) {
    for (size_t i = 0; i < before[t].codes.size(); ++i) {
      if (before[t].codes[i] != compact.tensors[t].codes[i]) ++result.moved;
    }
  }
  result.loss_after = descent.loss();
  result.bits_after = bits_of(compact);
  return result;
}

}  // namespace secateur
