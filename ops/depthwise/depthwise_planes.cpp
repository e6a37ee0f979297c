#include "ops/depthwise/depthwise_planes.h"

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
  for_each_dx_row(dy, w, strip, [&](int64_t row, const float* phases) {
    merge_phases(phases, dx_phase_width(), g_.stride, dx_skip(), g_.width, dx + row * g_.width);
  });
}

void DepthwisePlanes::backward_weights(const float* x, const float* dy, float* dw) const {
  kernels_.backward_weights(shape_, x, dy + shape_.dy.origin(),
                            round_up(g_.out_height(), kStripRows), dw);
}

}  // namespace secateur
