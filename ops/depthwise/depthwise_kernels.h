#pragma once
// The inner loops of a depthwise convolution, on one channel as PlaneLayout and CotangentLayout
// have it. Compiled for AVX2 and for AVX-512, with the same bits.

#include "ops/depthwise/cotangent_layout.h"
#include "ops/padded_plane/plane_layout.h"
#include "ops/vector/isa.h"

namespace secateur {

struct DepthwiseShape {
  explicit DepthwiseShape(const ConvGeometry& g)
      : kernel_h(g.kernel_h), kernel_w(g.kernel_w), stride(g.stride), x(g), dy(g) {}
  int64_t kernel_h, kernel_w, stride;
  PlaneLayout x;
  CotangentLayout dy;
};

struct DepthwiseKernels {
  // kStripRows rows of y, whole blocks of 16 columns: y[row * y_stride + column]. x: the packed row
  // under the first of them. Each element is one chain over (ky, kx).
  void (*forward)(const DepthwiseShape& shape, const float* x, const float* w, float* y,
                  int64_t y_stride);
  // kStripRows rows q of dx, all phases: dx[((q * stride + a) * stride + b) * phase_width +
  // column], phase_width = 16 * dy.q_blocks. dy: the packed row under the first of them. Each
  // element is one chain over the rows and columns of dy, ascending.
  void (*backward_data)(const DepthwiseShape& shape, const float* dy, const float* w, float* dx);
  // dw[kernel_h * kernel_w] of the whole plane of `rows` output rows, a multiple of kStripRows.
  // 16 canonical lanes: lane i sums the columns that are i modulo 16, strip by strip, block by
  // block, row by row. dy: its element (0, 0), with zeros right of and below it.
  void (*backward_weights)(const DepthwiseShape& shape, const float* x, const float* dy,
                           int64_t rows, float* dw);
};

const DepthwiseKernels& depthwise_kernels(const ConvGeometry& g, Isa isa);

}  // namespace secateur
