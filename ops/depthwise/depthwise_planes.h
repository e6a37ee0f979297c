#pragma once
// A depthwise convolution, one plane (one channel of one sample) at a time.

#include "ops/depthwise/depthwise_kernels.h"
#include "ops/vector/simd.h"

namespace secateur {

class DepthwisePlanes {
 public:
  DepthwisePlanes(const ConvGeometry& g, Isa isa)
      : g_(g), shape_(g), kernels_(depthwise_kernels(g, isa)) {}

  // Floats of the scratch arrays. Packed arrays are cleared once, before their first plane.
  int64_t x_numel() const { return packed_rows() * shape_.x.row_stride; }
  int64_t dy_numel() const { return shape_.dy.rows * shape_.dy.row_stride; }
  int64_t y_strip_numel() const { return kStripRows * shape_.x.blocks * kLanes; }
  int64_t dx_strip_numel() const {
    return kStripRows * g_.stride * g_.stride * shape_.dy.q_blocks * kLanes;
  }

  const PlaneLayout& x_layout() const { return shape_.x; }
  // Of the padded plane; the first pad_top of them lie above the image.
  int64_t packed_rows() const { return shape_.x.rows_under(round_up(g_.out_height(), kStripRows)); }

  void pack_x_plane(const float* x, float* to) const { shape_.x.pack(x, 0, packed_rows(), to); }
  void pack_dy_plane(const float* dy, float* to) const { shape_.dy.pack(dy, to); }

  // From packed arrays. Planes are contiguous.
  void forward(const float* x, const float* w, float* strip, float* y) const;
  void backward_data(const float* dy, const float* w, float* strip, float* dx) const;
  void backward_weights(const float* x, const float* dy, float* dw) const;

  // Calls body(row, phases) for every row of dx, in order: the phases of one packed row lie
  // dx_phase_width() apart, and the image begins `dx_skip()` padded columns after the first.
  template <class Body>
  void for_each_dx_row(const float* dy, const float* w, float* strip, const Body& body) const {
    for (int64_t q = 0; q < shape_.dy.q_rows; q += kStripRows) {
      kernels_.backward_data(shape_, dy + q * shape_.dy.row_stride, w, strip);
      const int64_t first = (shape_.dy.q_row0 + q) * g_.stride - g_.pad_top;
      for (int64_t i = 0; i < kStripRows * g_.stride; ++i) {
        if (first + i < 0 || first + i >= g_.height) continue;
        body(first + i, strip + i * g_.stride * dx_phase_width());
      }
    }
  }
  int64_t dx_phase_width() const { return shape_.dy.q_blocks * kLanes; }
  int64_t dx_skip() const { return g_.pad_left - shape_.dy.q_col0 * g_.stride; }

 private:
  const ConvGeometry g_;
  const DepthwiseShape shape_;
  const DepthwiseKernels& kernels_;
};

}  // namespace secateur
