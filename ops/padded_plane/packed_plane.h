#pragma once
// One channel copied into rows that a kernel reads without bounds or gaps.
//
// Forward and the gradient of w read x: padded with zeros, the columns of a row sorted into
// `stride` phases (columns 0, s, 2s, ... then 1, s + 1, ...), so that 16 neighbouring outputs
// always read 16 neighbouring floats. The gradient of x reads dy with zeros around it and writes
// phases likewise.

#include "ops/conv_geometry.h"

namespace secateur {

constexpr int64_t kStripRows = 4;  // kernels compute this many rows at a time

constexpr int64_t round_up(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

struct PackedX {
  explicit PackedX(const ConvGeometry& g);

  // From the first element of a window to the one under tap (ky, kx).
  int64_t tap_offset(int64_t ky, int64_t kx) const {
    return ky * row_stride + kx % stride * phase_width + kx / stride;
  }
  int64_t rows_for(int64_t out_rows) const { return (out_rows - 1) * stride + kernel_h; }

  int64_t stride;
  int64_t kernel_h;
  int64_t blocks;       // of 16 outputs per row
  int64_t phase_width;  // floats per phase: a multiple of 16
  int64_t row_stride;   // floats per padded row of x
};

// Rows [first, first + count) of the padded plane. The columns beside the image are not written:
// clear the array once before the first plane.
void pack_x(const ConvGeometry& g, const PackedX& layout, const float* x, int64_t first,
            int64_t count, float* to);

// dx at padded row p = stride * (q_row0 + q) + a is a sum over the rows q_row0 + q - t of dy, t
// below taps_h (kernel row a + stride * t): every phase a is a small convolution of stride 1 over
// dy.
struct PackedDy {
  explicit PackedDy(const ConvGeometry& g);

  int64_t taps_h, taps_w;           // kernel rows and columns per phase, the largest
  int64_t q_row0, q_col0;           // the first q that touches the image
  int64_t q_rows, q_blocks;         // rows, and blocks of 16 columns
  int64_t margin_top, margin_left;  // zeros before dy
  int64_t rows, row_stride;         // of the packed array, zeros included
};

// The zeros around dy are not written: clear the array once before the first plane.
void pack_dy(const ConvGeometry& g, const PackedDy& layout, const float* dy, float* to);

// One row of dx from its phases; the first `skip` elements fall into the padding.
void merge_phases(const float* phases, int64_t phase_width, int64_t stride, int64_t skip,
                  int64_t width, float* to);

}  // namespace secateur
