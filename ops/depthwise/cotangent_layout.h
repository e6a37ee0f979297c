#pragma once
// dy of one channel with zeros around it, from which the gradient of x is made, phase by phase: dx
// at padded row p = stride * (q_row0 + q) + a is a sum over the rows q_row0 + q - t of dy, t below
// taps_h (kernel row a + stride * t). So every phase a is a small convolution of stride 1 over dy.

#include "ops/conv_geometry.h"

namespace secateur {

constexpr int64_t kStripRows = 4;  // the kernels compute this many rows at a time

struct CotangentLayout {
  explicit CotangentLayout(const ConvGeometry& g);

  // The zeros around dy are not written: clear the array once before its first plane.
  void pack(const float* dy, float* to) const;
  // Of element (0, 0) of dy.
  int64_t origin() const { return margin_top * row_stride + margin_left; }

  int64_t out_height, out_width;    // of dy
  int64_t taps_h, taps_w;           // kernel rows and columns per phase, the largest
  int64_t q_row0, q_col0;           // the first q that touches the image
  int64_t q_rows, q_blocks;         // rows, and blocks of 16 columns
  int64_t margin_top, margin_left;  // zeros before dy
  int64_t rows, row_stride;         // of the packed array, zeros included
};

}  // namespace secateur
