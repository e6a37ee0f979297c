#pragma once
// Dense convolution of few input channels (groups == 1): x [samples, channels, height, width], w
// and dw [filters, channels, kernel_h, kernel_w], y and dy [samples, filters, out_height,
// out_width]. The bits depend neither on the threads nor on `isa`.

#include "ops/conv_geometry.h"
#include "ops/vector/isa.h"

namespace secateur {

// Each element of y is the sum, in order, of chains of 25 fused multiply-adds over (channel, ky,
// kx).
void direct_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                    float* y, Isa isa = active_isa());

// dw is overwritten. Per sample: 16 canonical lanes over the columns, added by a fixed tree.
void direct_backward_weights(const ConvGeometry& g, int64_t samples, const float* x,
                             const float* dy, float* dw, Isa isa = active_isa());

}  // namespace secateur
