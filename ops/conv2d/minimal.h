#pragma once
// Dense convolution of few input channels, five columns wide, by minimal filtering
// (ops/minimal_filtering/minimal_filter.h): 8 multiply-adds where direct.h has 20. x [samples,
// channels, height, width], w and dw [filters, channels, kernel_h, 5], y and dy [samples, filters,
// out_height, width]. The bits depend neither on the threads nor on `isa`.

#include "ops/conv_geometry.h"
#include "ops/vector/isa.h"

namespace secateur {

// Stride 1, as many columns out as in, a multiple of 4 and at least 64.
bool minimal_fits(const ConvGeometry& g);

// The sums behind each element of y are chains over (channel, ky).
void minimal_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                     float* y, Isa isa = active_isa());

// dw is overwritten. Per sample: 16 canonical lanes over the columns of some rows, added by a fixed
// tree, then in double.
void minimal_backward_weights(const ConvGeometry& g, int64_t samples, const float* x,
                              const float* dy, float* dw, Isa isa = active_isa());

}  // namespace secateur
