#pragma once
// The two products behind a 1 x 1 convolution, on all threads. The bits depend neither on the
// threads nor on `isa`.

#include <cstdint>

#include "ops/vector/isa.h"

namespace secateur {

struct PointwiseExtents {
  int64_t samples;
  int64_t channels;
  int64_t filters;
  int64_t pixels;
};

// w(f, c) = values[f * filter + c * channel].
struct PointwiseWeights {
  const float* values;
  int64_t filter;
  int64_t channel;
};

// y[n, filters, pixels] = w x[n, channels, pixels]; each element is one chain of fused
// multiply-adds over the channels. With w transposed it is the gradient of x.
void pointwise_product(const PointwiseExtents& e, const float* x, const PointwiseWeights& w,
                       float* y, Isa isa = active_isa());

// dw[filters, channels] = sum over n and pixels of dy[n, filters, pixels] x[n, channels, pixels]:
// 16 lanes within runs of up to 784 pixels of a sample, then in double over the runs.
void pointwise_weight_gradient(const PointwiseExtents& e, const float* x, const float* dy,
                               float* dw, Isa isa = active_isa());

}  // namespace secateur
