#pragma once
// What norm_depthwise does to all planes of one channel, on one thread.

#include "ops/batch_norm/channel_statistics.h"
#include "ops/depthwise/depthwise_planes.h"
#include "ops/norm_depthwise/row_kernels.h"

namespace secateur {

class FusedChannel {
 public:
  FusedChannel(const ChannelExtents& size, const ConvGeometry& g, Isa isa);

  struct Channel {
    int64_t index;
    ChannelMap map;
    const float* w;  // [taps]
  };

  // x and dx [samples, channels, h, w], y and dy [samples, channels, oh, ow], whole tensors.
  void forward(const Channel& channel, const float* x, float* y) const;
  // The sums behind the gradients of beta and gamma, dw [taps], and the gradient of the normalised
  // planes as far as relu passes it [samples, h, w].
  ChannelSums backward_conv(const Channel& channel, const ChannelStatistics& statistics,
                            const float* x, const float* dy, float* dw, float* passed) const;
  // dx, which may be x, from what backward_conv passed.
  void backward_norm(const Channel& channel, const InputGradient& gradient, const float* x,
                     const float* passed, float* dx) const;

 private:
  PhaseRow<float> packed_row(float* packed, int64_t row) const;
  PhaseRow<const float> gradient_row(const float* phases) const;
  void sweep_plane(const Channel& channel, const float* x, const float* packed_dy, float* strip,
                   float* packed_x, float* spare, float* passed, SweepSums& sums) const;

  const ChannelExtents size_;
  const ConvGeometry g_;
  const DepthwisePlanes planes_;
  const RowKernels& rows_;
  const BatchNormKernels& norm_;
  const int64_t y_plane_;
  const int64_t used_rows_, used_columns_;  // of a plane, that some window reads
  // Where pixels 0 and 1 of a row stand, of x in row 0 of its packed plane and of dx in its phases.
  const int64_t even_x_, odd_x_, even_dx_, odd_dx_;
};

}  // namespace secateur
