#pragma once
// What batch_norm does to one plane (one channel of one sample) at a time. The bits of a result do
// not depend on the instructions chosen.

#include <cstdint>

#include "ops/vector/isa.h"

namespace secateur {

struct PlaneMoments {
  double mean;
  double squares;  // sum of (x - mean)^2
};

// y = (x - mean) scale + offset: the channel's statistics, gamma and beta in three numbers. The
// mean is taken off first, so that a large mean costs no digits.
struct ChannelMap {
  float mean;
  float scale;
  float offset;
  bool relu;
};

struct GradientSums {
  double dy;         // sum of dy
  double centred_x;  // sum of dy (x - mean)
};

// dx = scale (dy - dy_mean - (x - mean) x_factor). Both constants carry what they lose when rounded
// to float: an error in them is the same at every pixel, so it does not average out of the gradient
// of a convolution whose input has a large mean.
struct InputGradient {
  float scale;
  float dy_mean;
  float dy_mean_rest;
  float x_factor;
  float x_factor_rest;
};

// dy counts as zero wherever the map's relu cuts y off. count is at least 1.
struct BatchNormKernels {
  // next: the plane that will be read after this one, or anything.
  PlaneMoments (*moments)(const float* x, int64_t count, const float* next);
  void (*normalise)(const float* x, int64_t count, const ChannelMap& map, float* y);
  GradientSums (*gradient_sums)(const float* x, const float* dy, int64_t count,
                                const ChannelMap& map);
  void (*input_gradient)(const float* x, const float* dy, int64_t count, const ChannelMap& map,
                         const InputGradient& gradient, float* dx);
};

const BatchNormKernels& batch_norm_kernels(Isa isa);

}  // namespace secateur
