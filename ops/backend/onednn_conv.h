#pragma once
// Convolution by oneDNN, one sample at a time, on the calling thread alone: the general, dense work
// and the yardstick of the native kernels. Arrays are plain: x [channels, height, width], w
// [filters, channels / groups, kernel_h, kernel_w], y [filters, out_height, out_width].
//
// Primitives are made on first use per thread and shape, with one thread in force whatever the
// budget, so the bits do not depend on the number of threads. They are those of this version of
// oneDNN and of the machine's instruction set. Throws Error when oneDNN refuses the shape.

#include "ops/conv_geometry.h"

namespace secateur {

void onednn_conv_forward(const ConvGeometry& geometry, const float* x, const float* w, float* y);

// dx is overwritten.
void onednn_conv_backward_data(const ConvGeometry& geometry, const float* w, const float* dy,
                               float* dx);

// dw is overwritten.
void onednn_conv_backward_weights(const ConvGeometry& geometry, const float* x, const float* dy,
                                  float* dw);

}  // namespace secateur
