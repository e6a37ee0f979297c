#pragma once
// Convolution of one sample by native matrix products, on the calling thread alone: x [channels,
// height, width], w [filters, channels / groups, kernel_h, kernel_w], y [filters, out_height,
// out_width]. Windows are copied into columns for a few rows of y and kProductDepth taps at a time,
// so that they stay in the second cache. The bits do not depend on the instruction set.

#include "ops/conv_geometry.h"

namespace secateur {

// An element is a sum over (channel, ky, kx) as portable_gemm makes it, kProductDepth at a time.
void product_conv_forward(const ConvGeometry& g, const float* x, const float* w, float* y);

// dx is overwritten: the elements of w^T dy, added for the blocks of rows of y in order, in each
// for (ky, kx) in order.
void product_conv_backward_data(const ConvGeometry& g, const float* w, const float* dy, float* dx);

// dw is overwritten: dy times the columns, added for the blocks of rows of y in order.
void product_conv_backward_weights(const ConvGeometry& g, const float* x, const float* dy,
                                   float* dw);

}  // namespace secateur
