#include "ops/dense_depthwise/minimal_conv.h"

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {

bool MinimalConv::fits(const ConvGeometry& dense, const ConvGeometry& depthwise) {
  return dense.kernel_w == kMinimalTaps && dense.stride == 1 &&
         dense.pad_left + dense.pad_right == kMinimalTaps - 1 && depthwise.stride == 2 &&
         depthwise.pad_left == 1 && depthwise.pad_right <= 3 &&
         dense.width % kMinimalOutputs == 0 &&
         depthwise.height * (dense.width / kMinimalOutputs + 1) >= kLanes;
}

MinimalConv::MinimalConv(const ConvGeometry& dense, const ConvGeometry& depthwise,
                         const FilterGroups& groups, const Tensor& w, Isa isa)
    : kernels_(minimal_kernels(isa)),
      image_{.height = dense.height,
             .width = dense.width,
             .top = dense.pad_top,
             .left = dense.pad_left},
      depthwise_(depthwise),
      groups_(groups),
      array_(dense.padded_height() * image_.pitch()),
      // Outputs 4j + 1 are written one further.
      phase_(depthwise.padded_height() * row_stride() + kLanes) {
  for (int64_t c = 0; c < w.dim(1); ++c) {
    for (int64_t ky = 0; ky < dense.kernel_h; ++ky) {
      rows_.push_back(c * packed_numel() + ky * image_.pitch());
    }
  }
  const int64_t fours = depthwise.height * image_.pitch();
  for (int64_t first = 0; first < fours; first += kLanes) {
    v_at_.push_back(std::min(first, fours - kLanes));  // the last one overlaps
    y_at_.push_back(2 * v_at_.back());
  }
  const int64_t rows = static_cast<int64_t>(rows_.size());
  u_.resize(static_cast<size_t>(w.dim(0) * rows * kMinimalPoints));
  for (int64_t i = 0; i < groups.count; ++i) {
    weights_at_points(w.data() + groups.begin(i) * rows * kMinimalTaps, groups.size(i), rows,
                      u_.data() + groups.begin(i) * rows * kMinimalPoints);
  }
}

void MinimalConv::pack(const float* channel, int64_t first, int64_t end, float* to) const {
  image_.pack(channel, first, end - first, array_, to + first * image_.pitch());
}

void MinimalConv::group(const float* packed, int64_t which, const float* bias, float floor,
                        float* planes) const {
  static_assert(kFiltersAtOnce <= kMinimalFilters);
  const int64_t begin = groups_.begin(which);
  const int64_t rows = static_cast<int64_t>(rows_.size());
  // Output 2i stands in column 2i + 1 of its padded row: the second phase.
  float* const origin = planes + depthwise_.pad_top * row_stride();
  kernels_.phases({.v = packed,
                   .array = array_,
                   .row = rows_.data(),
                   .rows = rows,
                   .u = u_.data() + begin * rows * kMinimalPoints,
                   .v_at = v_at_.data(),
                   .y_at = y_at_.data(),
                   .vectors = static_cast<int64_t>(v_at_.size()),
                   .y = origin + phase_,
                   .y_plane = plane_numel()},
                  {.bias = bias + begin, .floor = floor, .odd = origin + 1}, groups_.size(which));
  for (int64_t f = 0; f < groups_.size(which); ++f) clear_margins(planes + f * plane_numel());
}

void MinimalConv::clear_margins(float* plane) const {
  const int64_t width = row_stride();
  const int64_t top = depthwise_.pad_top * width;
  const int64_t end = top + depthwise_.height * width;
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
