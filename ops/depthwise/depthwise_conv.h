#pragma once
// Depthwise convolution (groups == channels == filters): x and dx [samples, channels, height,
// width], w and dw [channels, 1, kernel_h, kernel_w], y and dy [samples, channels, out_height,
// out_width]. The bits depend neither on the threads nor on `isa`.

#include "ops/conv_geometry.h"
#include "ops/vector/isa.h"

namespace secateur {

void depthwise_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                       float* y, Isa isa = active_isa());

// dx and dw are overwritten; a null pointer: that one is not wanted.
void depthwise_backward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                        const float* dy, float* dx, float* dw, Isa isa = active_isa());

}  // namespace secateur
