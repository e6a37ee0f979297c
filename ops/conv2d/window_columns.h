#pragma once
// The windows behind a few rows of y as a matrix: one row per tap (channel, ky, kx), one column per
// output.

#include <cstdint>

#include "ops/conv_geometry.h"

namespace secateur {

// Taps [first_tap, first_tap + taps) of one group and the outputs of rows [first_row, first_row +
// rows).
struct WindowBlock {
  int64_t first_tap, taps;
  int64_t first_row, rows;
};

// Rows of y whose columns are copied together.
int64_t rows_per_block(const ConvGeometry& g);

// x: the planes of the group. to[(tap - first_tap) * rows * out_width + output], zero where the tap
// lies outside of the plane.
void gather_windows(const ConvGeometry& g, const WindowBlock& block, const float* x, float* to);

// Adds the columns back to where they came from, tap after tap, row after row.
void scatter_windows(const ConvGeometry& g, const WindowBlock& block, const float* columns,
                     float* dx);

}  // namespace secateur
