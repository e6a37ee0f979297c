#include "ops/dense_depthwise/minimal_conv.h"

#include <algorithm>
#include <array>

#include "ops/backend/simd.h"

namespace secateur {
namespace {

constexpr int64_t kColumns = 5;
// Fours that all filters of a group make before the next: their x stays in the first cache.
constexpr int64_t kRun = 32;

void weights_at_points(const float* g, float* to, int64_t step) {
  const auto at = [g](double scale, double point) {
    double sum = 0;
    for (int64_t i = kColumns - 1; i >= 0; --i) sum = sum * point + g[i];
    return scale * sum;
  };
  const double u[kMinimalPoints] = {g[0],
                                    at(-2.0 / 9, 1),
                                    at(-2.0 / 9, -1),
                                    at(1.0 / 90, 2),
                                    at(1.0 / 90, -2),
                                    at(32.0 / 45, 0.5),
                                    at(32.0 / 45, -0.5),
                                    g[kColumns - 1]};
  for (int64_t k = 0; k < kMinimalPoints; ++k) to[k * step] = static_cast<float>(u[k]);
}

// Of d2, d6, d4 in the sum of a pair of points, and of d1, d5, d3 in their difference.
constexpr double kPairs[3][6] = {
    {1, 1, -4.25, 1, 1, -4.25}, {0.25, 1, -1.25, 0.5, 2, -2.5}, {4, 1, -5, 2, 0.5, -2.5}};

// A padded row to its values at the points, `fours` of each. d[i]: the columns i, i + 4, ..
void row_at_points(const std::array<const double*, kMinimalOutputs>& d, int64_t fours, float* to,
                   int64_t array) {
  for (int64_t j = 0; j < fours; ++j) {
    to[j] = static_cast<float>(d[0][j] - d[2][j + 1] + 5.25 * (d[0][j + 1] - d[2][j]));
  }
  for (const auto& by : kPairs) {
    float* const plus = to += array;
    float* const minus = to += array;
    for (int64_t j = 0; j < fours; ++j) {
      const double both = by[0] * d[2][j] + by[1] * d[2][j + 1] + by[2] * d[0][j + 1];
      const double apart = by[3] * d[1][j] + by[4] * d[1][j + 1] + by[5] * d[3][j];
      plus[j] = static_cast<float>(both + apart);
      minus[j] = static_cast<float>(both - apart);
    }
  }
  to += array;
  for (int64_t j = 0; j < fours; ++j) {
    to[j] = static_cast<float>(d[3][j + 1] - d[1][j] + 5.25 * (d[3][j] - d[1][j + 1]));
  }
}

}  // namespace

bool MinimalConv::fits(const RowLayout& x, const RowLayout& y) {
  return x.kernel_w == kColumns && x.window.stride == 1 &&
         x.window.left + x.window.right == kColumns - 1 && y.window.stride == 2 &&
         y.window.left == 1 && y.window.right <= 3 && x.width % kMinimalOutputs == 0 &&
         y.height * (x.width / kMinimalOutputs + 1) >= kLanes;
}

MinimalConv::MinimalConv(const RowLayout& x, const RowLayout& y, const FilterGroups& groups,
                         const Tensor& w, Isa isa)
    : kernels_(minimal_kernels(isa)),
      x_(x),
      y_(y),
      groups_(groups),
      channels_(w.dim(1)),
      pitch_(x.width / kMinimalOutputs + 1),
      array_((x.height + x.window.top + x.window.bottom) * pitch_),
      // Outputs 4j + 1 are written one further.
      phase_((y.height + y.window.top + y.window.bottom) * 2 * pitch_ + kLanes) {
  for (int64_t c = 0; c < channels_; ++c) {
    for (int64_t ky = 0; ky < x.kernel_h; ++ky) {
      rows_.push_back(c * kMinimalPoints * array_ + ky * pitch_);
    }
  }
  const int64_t rows = static_cast<int64_t>(rows_.size());
  weights_.resize(static_cast<size_t>(w.dim(0) * rows * kMinimalPoints));
  for (int64_t i = 0; i < groups.count; ++i) {
    for (int64_t f = 0; f < groups.size(i); ++f) {
      const int64_t first = groups.begin(i) + f / kMinimalFilters * kMinimalFilters;
      const int64_t together = std::min(kMinimalFilters, groups.begin(i + 1) - first);
      for (int64_t row = 0; row < rows; ++row) {
        float* const to = weights_.data() + (first * rows + row * together) * kMinimalPoints;
        weights_at_points(w.data() + ((groups.begin(i) + f) * rows + row) * kColumns,
                          to + f % kMinimalFilters, together);
      }
    }
  }
}

void MinimalConv::pack(const float* x, float* to) const {
  const int64_t length = pitch_ + 1;
  std::vector<double> columns(static_cast<size_t>(kMinimalOutputs * length), 0.0);
  std::array<double*, kMinimalOutputs> behind;  // where x[0], x[1], .. go
  std::array<const double*, kMinimalOutputs> d;
  for (int64_t i = 0; i < kMinimalOutputs; ++i) {
    const int64_t column = i + x_.window.left;
    d[i] = columns.data() + i * length;
    behind[i] = columns.data() + column % kMinimalOutputs * length + column / kMinimalOutputs;
  }
  for (int64_t c = 0; c < channels_; ++c, to += kMinimalPoints * array_) {
    for (int64_t k = 0; k < kMinimalPoints; ++k) {
      const int64_t end = (x_.window.top + x_.height) * pitch_;
      std::fill_n(to + k * array_, x_.window.top * pitch_, 0.0f);
      std::fill(to + k * array_ + end, to + (k + 1) * array_, 0.0f);
    }
    for (int64_t row = 0; row < x_.height; ++row, x += x_.width) {
      for (int64_t j = 0; j < x_.width / kMinimalOutputs; ++j) {
        for (int64_t i = 0; i < kMinimalOutputs; ++i) behind[i][j] = x[j * kMinimalOutputs + i];
      }
      row_at_points(d, pitch_, to + (row + x_.window.top) * pitch_, array_);
    }
  }
}

void MinimalConv::group(const float* packed, int64_t which, const float* bias, float floor,
                        float* planes) const {
  const int64_t fours = y_.height * pitch_;
  const int64_t rows = static_cast<int64_t>(rows_.size());
  const int64_t begin = groups_.begin(which);
  // Output 2i stands in column 2i + 1 of its padded row: the second phase.
  float* const origin = planes + y_.window.top * row_stride();
  for (int64_t first = 0; first < fours; first += kRun) {
    for (int64_t f = 0; f < groups_.size(which); f += kMinimalFilters) {
      const int64_t filters = std::min(kMinimalFilters, groups_.size(which) - f);
      kernels_.run({.x = packed,
                    .array = array_,
                    .row = rows_.data(),
                    .rows = rows,
                    .fours = fours,
                    .w = weights_.data() + (begin + f) * rows * kMinimalPoints,
                    .bias = bias + begin + f,
                    .floor = floor,
                    .even = origin + f * plane_numel() + phase_,
                    .odd = origin + f * plane_numel() + 1,
                    .y_plane = plane_numel()},
                   filters, first, std::min(first + kRun, fours));
    }
  }
  for (int64_t f = 0; f < groups_.size(which); ++f) clear_margins(planes + f * plane_numel());
}

void MinimalConv::clear_margins(float* plane) const {
  const int64_t width = row_stride();
  const int64_t top = y_.window.top * width;
  const int64_t end = top + y_.height * width;
  for (float* const phase : {plane, plane + phase_}) {
    std::fill(phase, phase + top, 0.0f);
    std::fill(phase + end, phase + phase_, 0.0f);
  }
  for (int64_t row = top; row < end; row += width) {
    plane[row] = 0.0f;
    plane[row + width - 1] = 0.0f;
    plane[phase_ + row + width - 2] = 0.0f;
    plane[phase_ + row + width - 1] = 0.0f;
  }
}

}  // namespace secateur
