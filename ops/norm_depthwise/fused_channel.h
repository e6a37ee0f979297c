#pragma once
// What norm_depthwise does to all planes of one channel, on one thread.

#include "ops/batch_norm/channel_statistics.h"
#include "ops/conv2d/depthwise_planes.h"
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
  // The sums behind the gradients of beta and gamma, and dw [taps].
  ChannelSums first_sweep(const Channel& channel, const ChannelStatistics& statistics,
                          const float* x, const float* dy, float* dw) const;
  // dx may be x.
  void second_sweep(const Channel& channel, const InputGradient& gradient, const float* x,
                    const float* dy, float* dx) const;

 private:
  const float* dy_plane(const Channel& channel, const float* dy, int64_t sample) const {
    return dy + (sample * size_.channels + channel.index) * y_plane_;
  }
  PhaseRow<float> packed_row(float* packed, int64_t row) const;
  PhaseRow<const float> gradient_row(const float* phases) const;
  void sweep_plane(const Channel& channel, const float* x, const float* packed_dy, float* strip,
                   float* packed_x, float* spare, SweepSums& sums) const;

  const ChannelExtents size_;
  const ConvGeometry g_;
  const DepthwisePlanes planes_;
  const RowKernels& rows_;
  const int64_t y_plane_;
  const int64_t used_rows_, used_columns_;  // of a plane, that some window reads
};

}  // namespace secateur
