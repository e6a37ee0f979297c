#pragma once
// A depthwise convolution, one plane (one channel of one sample) at a time.

#include "ops/backend/simd.h"
#include "ops/conv2d/depthwise_kernels.h"

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

  const PackedX& x_layout() const { return shape_.x; }
  // Of the padded plane; the first pad_top of them lie above the image.
  int64_t packed_rows() const { return shape_.x.rows_for(round_up(g_.out_height(), kStripRows)); }

  void pack_x_plane(const float* x, float* to) const {
    pack_x(g_, shape_.x, x, 0, packed_rows(), to);
  }
  void pack_dy_plane(const float* dy, float* to) const { pack_dy(g_, shape_.dy, dy, to); }

  // From packed arrays. Planes are contiguous.
  void forward(const float* x, const float* w, float* strip, float* y) const;
  void backward_data(const float* dy, const float* w, float* strip, float* dx) const;
  void backward_weights(const float* x, const float* dy, float* dw) const;

 private:
  void store_dx_rows(int64_t q, const float* strip, float* dx) const;

  const ConvGeometry g_;
  const DepthwiseShape shape_;
  const DepthwiseKernels& kernels_;
};

}  // namespace secateur
