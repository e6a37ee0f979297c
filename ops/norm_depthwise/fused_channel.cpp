#include "ops/norm_depthwise/fused_channel.h"

#include <algorithm>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

FusedChannel::FusedChannel(const ChannelExtents& size, const ConvGeometry& g, Isa isa)
    : size_(size),
      g_(g),
      planes_(g, isa),
      rows_(row_kernels(g.stride, isa)),
      norm_(batch_norm_kernels(isa)),
      y_plane_(g.out_height() * g.out_width()),
      used_rows_(planes_.x_layout().used_rows()),
      used_columns_(planes_.x_layout().used_columns()),
      even_x_(planes_.x_layout().place(0, 0)),
      odd_x_(planes_.x_layout().place(0, 1)),
      even_dx_(place_in_phases(planes_.dx_skip(), g.stride, planes_.dx_phase_width())),
      odd_dx_(place_in_phases(planes_.dx_skip() + 1, g.stride, planes_.dx_phase_width())) {}

PhaseRow<float> FusedChannel::packed_row(float* packed, int64_t row) const {
  float* const to = packed + row * planes_.x_layout().row_stride;
  return {to + even_x_, to + odd_x_};
}

PhaseRow<const float> FusedChannel::gradient_row(const float* phases) const {
  return {phases + even_dx_, phases + odd_dx_};
}

void FusedChannel::forward(const Channel& channel, const float* x, float* y) const {
  Tensor scratch = Tensor::zeros({planes_.x_numel() + planes_.y_strip_numel()});
  float* const packed = scratch.data();
  float* const strip = packed + planes_.x_numel();
  const int64_t next_sample = size_.channels * size_.plane;
  for (int64_t n = 0; n < size_.samples; ++n) {
    const float* const plane = x + size_.at(n, channel.index);
    for (int64_t row = 0; row < used_rows_; ++row) {
      fetch(plane + next_sample + row * g_.width, g_.width);
      rows_.map(plane + row * g_.width, used_columns_, channel.map, packed_row(packed, row));
    }
    planes_.forward(packed, channel.w, strip, y + (n * size_.channels + channel.index) * y_plane_);
  }
}

// Every row of x meets its gradient while that is in the first cache; the mapped row goes where the
// gradient of w reads it. Rows and columns that no window reads are mapped into `spare`.
void FusedChannel::sweep_plane(const Channel& channel, const float* x, const float* packed_dy,
                               float* strip, float* packed_x, float* spare, float* passed,
                               SweepSums& sums) const {
  const PhaseRow<float> beside{spare, spare + g_.width};
  planes_.for_each_dx_row(packed_dy, channel.w, strip, [&](int64_t row, const float* phases) {
    const float* const from = x + row * g_.width;
    fetch(from + size_.channels * size_.plane, g_.width);
    const bool fits = row < used_rows_ && used_columns_ == g_.width;
    const PhaseRow<float> to = fits ? packed_row(packed_x, row) : beside;
    rows_.sweep(from, g_.width, channel.map, gradient_row(phases), to, passed + row * g_.width,
                sums);
    if (!fits && row < used_rows_) {
      rows_.map(from, used_columns_, channel.map, packed_row(packed_x, row));
    }
  });
}

ChannelSums FusedChannel::backward_conv(const Channel& channel, const ChannelStatistics& statistics,
                                        const float* x, const float* dy, float* dw,
                                        float* passed) const {
  Tensor scratch = Tensor::zeros(
      {planes_.dy_numel() + planes_.x_numel() + planes_.dx_strip_numel() + int64_t{2} * g_.width});
  float* const packed_dy = scratch.data();
  float* const packed_x = packed_dy + planes_.dy_numel();
  float* const strip = packed_x + planes_.x_numel();
  float* const spare = strip + planes_.dx_strip_numel();
  std::vector<float> plane_dw(static_cast<size_t>(g_.taps()));
  std::vector<double> sum_dw(plane_dw.size(), 0.0);
  ChannelSums sums;
  for (int64_t n = 0; n < size_.samples; ++n) {
    const float* const dy_plane = dy + (n * size_.channels + channel.index) * y_plane_;
    planes_.pack_dy_plane(dy_plane, packed_dy);
    fetch(dy_plane + size_.channels * y_plane_, y_plane_);
    SweepSums plane_sums;
    sweep_plane(channel, x + size_.at(n, channel.index), packed_dy, strip, packed_x, spare,
                passed + n * size_.plane, plane_sums);
    statistics.add(channel.index, rows_.total(plane_sums), sums);
    planes_.backward_weights(packed_x, packed_dy, plane_dw.data());
    for (size_t i = 0; i < sum_dw.size(); ++i) sum_dw[i] += plane_dw[i];
  }
  for (size_t i = 0; i < sum_dw.size(); ++i) dw[i] = static_cast<float>(sum_dw[i]);
  return sums;
}

void FusedChannel::backward_norm(const Channel& channel, const InputGradient& gradient,
                                 const float* x, const float* passed, float* dx) const {
  ChannelMap map = channel.map;
  map.relu = false;  // has passed already
  for (int64_t n = 0; n < size_.samples; ++n) {
    const int64_t plane = size_.at(n, channel.index);
    norm_.input_gradient(x + plane, passed + n * size_.plane, size_.plane, map, gradient,
                         dx + plane);
  }
}

}  // namespace secateur
