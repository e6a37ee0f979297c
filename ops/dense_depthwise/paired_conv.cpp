#include "ops/dense_depthwise/paired_conv.h"

#include <algorithm>

#include "ops/backend/simd.h"

namespace secateur {
namespace {

constexpr int64_t kColumns = 5;
// Pairs that all filters of a group make before the next: their x stays in the first cache.
constexpr int64_t kRun = 32;

void seven_weights(const float* g, float* to, int64_t step) {
  const double both = (double{g[0]} + g[1] + g[2]) / 2;
  const double apart = (double{g[0]} - g[1] + g[2]) / 2;
  const double last = double{g[3]} + g[4];
  const double w[kPairedWeights] = {g[0], -g[3], g[2], g[4], both, last, apart};
  for (int64_t k = 0; k < kPairedWeights; ++k) to[k * step] = static_cast<float>(w[k]);
}

}  // namespace

bool PairedConv::fits(const RowLayout& x, const RowLayout& y) {
  return x.kernel_w == kColumns && x.window.stride == 1 && x.window.left + x.window.right == 4 &&
         y.window.stride == 2 && y.window.left == 1 && y.window.right <= 3 && x.width % 2 == 0 &&
         x.width >= 2 * kLanes;
}

PairedConv::PairedConv(const RowLayout& x, const RowLayout& y, const FilterGroups& groups,
                       const Tensor& w, Isa isa)
    : kernels_(paired_kernels(isa)),
      x_(x),
      y_(y),
      groups_(groups),
      channels_(w.dim(1)),
      pitch_(x.width / 2 + 2),
      // Vectors read on behind the last row, and write on behind it.
      array_((x.height + x.window.top + x.window.bottom) * pitch_ + kLanes),
      phase_((y.height + y.window.top + y.window.bottom) * pitch_ + kLanes) {
  for (int64_t c = 0; c < channels_; ++c) {
    for (int64_t ky = 0; ky < x.kernel_h; ++ky) {
      rows_.push_back(c * kPairedArrays * array_ + ky * pitch_);
    }
  }
  const int64_t rows = static_cast<int64_t>(rows_.size());
  weights_.resize(static_cast<size_t>(w.dim(0) * rows * kPairedWeights));
  for (int64_t i = 0; i < groups.count; ++i) {
    for (int64_t f = 0; f < groups.size(i); ++f) {
      const int64_t first = groups.begin(i) + f / kPairedFilters * kPairedFilters;
      const int64_t together = std::min(kPairedFilters, groups.begin(i + 1) - first);
      for (int64_t row = 0; row < rows; ++row) {
        float* const to = weights_.data() + (first * rows + row * together) * kPairedWeights;
        seven_weights(w.data() + ((groups.begin(i) + f) * rows + row) * kColumns,
                      to + f % kPairedFilters, together);
      }
    }
  }
}

// even and odd: the columns of a padded row and a zero behind them.
void PairedConv::pack_row(const float* even, const float* odd, float* to) const {
  for (int64_t j = 0; j < pitch_; ++j) to[j] = even[j] - even[j + 1];
  for (int64_t j = 0; j < pitch_; ++j) to[array_ + j] = odd[j] + even[j + 1];
  for (int64_t j = 0; j < pitch_; ++j) to[2 * array_ + j] = even[j + 1] - odd[j];
  for (int64_t j = 0; j < pitch_; ++j) to[3 * array_ + j] = odd[j + 1] - odd[j];
  for (int64_t j = 0; j < pitch_; ++j) to[4 * array_ + j] = even[j];
  for (int64_t j = 0; j < pitch_; ++j) to[5 * array_ + j] = odd[j] - even[j];
}

void PairedConv::pack(const float* x, float* to) const {
  std::vector<float> phases(static_cast<size_t>(2 * (pitch_ + 1)), 0.0f);
  float* const even = phases.data();
  float* const odd = even + pitch_ + 1;
  const int64_t left = x_.window.left;
  float* const first = left % 2 == 0 ? even + left / 2 : odd + left / 2;
  float* const second = left % 2 == 0 ? odd + left / 2 : even + left / 2 + 1;
  for (int64_t c = 0; c < channels_; ++c, to += kPairedArrays * array_) {
    for (int64_t k = 0; k < kPairedArrays; ++k) {
      const int64_t end = (x_.window.top + x_.height) * pitch_;
      std::fill_n(to + k * array_, x_.window.top * pitch_, 0.0f);
      std::fill(to + k * array_ + end, to + (k + 1) * array_, 0.0f);
    }
    for (int64_t row = 0; row < x_.height; ++row, x += x_.width) {
      for (int64_t i = 0; i < x_.width / 2; ++i) {
        first[i] = x[2 * i];
        second[i] = x[2 * i + 1];
      }
      pack_row(even, odd, to + (row + x_.window.top) * pitch_);
    }
  }
}

void PairedConv::group(const float* packed, int64_t which, const float* bias, float floor,
                       float* planes) const {
  const int64_t pairs = y_.height * pitch_;
  const int64_t rows = static_cast<int64_t>(rows_.size());
  const int64_t begin = groups_.begin(which);
  // Output 2j stands in column 2j + 1 of its padded row: the second phase.
  float* const origin = planes + y_.window.top * pitch_;
  for (int64_t first = 0; first < pairs; first += kRun) {
    for (int64_t f = 0; f < groups_.size(which); f += kPairedFilters) {
      const int64_t filters = std::min(kPairedFilters, groups_.size(which) - f);
      kernels_.run({.x = packed,
                    .array = array_,
                    .row = rows_.data(),
                    .rows = rows,
                    .pairs = pairs,
                    .w = weights_.data() + (begin + f) * rows * kPairedWeights,
                    .bias = bias + begin + f,
                    .floor = floor,
                    .even = origin + f * plane_numel() + phase_,
                    .odd = origin + f * plane_numel() + 1,
                    .y_plane = plane_numel()},
                   filters, first, std::min(first + kRun, pairs));
    }
  }
  for (int64_t f = 0; f < groups_.size(which); ++f) clear_margins(planes + f * plane_numel());
}

void PairedConv::clear_margins(float* plane) const {
  const int64_t top = y_.window.top * pitch_;
  const int64_t end = top + y_.height * pitch_;
  for (float* const phase : {plane, plane + phase_}) {
    std::fill(phase, phase + top, 0.0f);
    std::fill(phase + end, phase + phase_, 0.0f);
  }
  for (int64_t row = top; row < end; row += pitch_) {
    plane[row] = 0.0f;
    plane[row + pitch_ - 1] = 0.0f;
    plane[phase_ + row + pitch_ - 2] = 0.0f;
    plane[phase_ + row + pitch_ - 1] = 0.0f;
  }
}

}  // namespace secateur
