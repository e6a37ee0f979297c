#include "ops/conv2d/depthwise_planes.h"

#include <algorithm>

namespace secateur {

void DepthwisePlanes::forward(const float* x, const float* w, float* strip, float* y) const {
  const int64_t width = g_.out_width();
  const int64_t strip_width = shape_.x.blocks * kLanes;
  const int64_t row_step = g_.stride * shape_.x.row_stride;
  for (int64_t row = 0; row < g_.out_height(); row += kStripRows) {
    const int64_t rows = std::min<int64_t>(kStripRows, g_.out_height() - row);
    float* const to = y + row * width;
    if (strip_width == width && rows == kStripRows) {
      kernels_.forward(shape_, x + row * row_step, w, to, width);
      continue;
    }
    kernels_.forward(shape_, x + row * row_step, w, strip, strip_width);
    for (int64_t i = 0; i < rows; ++i) {
      copy_floats(strip + i * strip_width, width, to + i * width);
    }
  }
}

void DepthwisePlanes::backward_data(const float* dy, const float* w, float* strip,
                                    float* dx) const {
  for (int64_t q = 0; q < shape_.dy.q_rows; q += kStripRows) {
    kernels_.backward_data(shape_, dy + q * shape_.dy.row_stride, w, strip);
    store_dx_rows(q, strip, dx);
  }
}

void DepthwisePlanes::backward_weights(const float* x, const float* dy, float* dw) const {
  const float* const origin =
      dy + shape_.dy.margin_top * shape_.dy.row_stride + shape_.dy.margin_left;
  kernels_.backward_weights(shape_, x, origin, round_up(g_.out_height(), kStripRows), dw);
}

void DepthwisePlanes::store_dx_rows(int64_t q, const float* strip, float* dx) const {
  const int64_t phase_width = shape_.dy.q_blocks * kLanes;
  const int64_t skip = g_.pad_left - shape_.dy.q_col0 * g_.stride;
  const int64_t first = (shape_.dy.q_row0 + q) * g_.stride - g_.pad_top;
  for (int64_t i = 0; i < kStripRows * g_.stride; ++i) {
    if (first + i < 0 || first + i >= g_.height) continue;
    merge_phases(strip + i * g_.stride * phase_width, phase_width, g_.stride, skip, g_.width,
                 dx + (first + i) * g_.width);
  }
}

}  // namespace secateur
