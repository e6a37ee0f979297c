#pragma once
// Rows of one channel between its plane and the packed arrays of a depthwise convolution
// (ops/padded_plane/phases.h). Compiled for AVX2 and for AVX-512, with the same bits.
//
// A packed row has one phase (stride 1) or two (stride 2): element i of the plane's row is element
// i of `even`, or element i / 2 of `even` or `odd`.

#include "ops/batch_norm/batch_norm_kernels.h"
#include "ops/vector/isa.h"

namespace secateur {

template <class T>
struct PhaseRow {
  T* even;
  T* odd;  // unused with stride 1
};

// Running sums over the rows of a plane, in 16 lanes for each half of 32 neighbouring pixels.
struct SweepSums {
  float dy[32] = {};
  float centred_x[32] = {};
};

struct RowKernels {
  // to = map(x) for `count` pixels; nothing past them is written.
  void (*map)(const float* x, int64_t count, const ChannelMap& map, PhaseRow<float> to);
  // The same, and the sums behind the gradients of gamma and beta. da: the gradient of `to`;
  // passed: what of it relu lets through, pixel by pixel.
  void (*sweep)(const float* x, int64_t count, const ChannelMap& map, PhaseRow<const float> da,
                PhaseRow<float> to, float* passed, SweepSums& sums);
  GradientSums (*total)(const SweepSums& sums);
};

const RowKernels& row_kernels(int64_t stride, Isa isa);  // stride 1 or 2

}  // namespace secateur
