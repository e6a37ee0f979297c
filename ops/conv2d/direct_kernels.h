#pragma once
// The inner loops of a dense convolution of few input channels, on rows of x as
// PlaneLayout has them. Compiled for AVX2 and for AVX-512, with the same bits.

#include <cstdint>

#include "ops/vector/isa.h"

namespace secateur {

constexpr int64_t kFilterGroup = 6;      // filters that share a vector of x
constexpr int64_t kGradientFilters = 5;  // filters and taps of one tile of the gradient of w
constexpr int64_t kTapGroup = 5;

// Where the kernels read and write: `positions` vectors of 16 neighbouring outputs.
struct DirectOutputs {
  const int64_t* x_offset;  // of the window of the first output, in the packed rows
  const int64_t* y_offset;  // in the plane of one filter
  int64_t positions;
  int64_t width;    // outputs per vector: 16, or less where a row is shorter
  int64_t y_plane;  // floats from one filter's plane to the next
};

struct DirectGradient {
  const float* x;    // packed rows
  int64_t x_row;     // floats from the window of one output row to that of the next
  const float* dy;   // rows of whole blocks of 16, zeros after the end of a row
  int64_t dy_plane;  // floats from one filter's rows to the next
  int64_t rows, blocks;
};

struct DirectKernels {
  // y = chains of 25 taps, added in order, for every position and filter; w[tap * filters +
  // filter], at most kFilterGroup filters; tap[t]: offset in the packed rows.
  void (*forward)(const DirectOutputs& out, const float* x, const int64_t* tap, int64_t taps,
                  const float* w, int64_t filters, float* y);
  // Adds to lanes[(tap * filters + filter) * 16 + lane] the products of the columns that are `lane`
  // modulo 16, row by row. At most kGradientFilters filters and kTapGroup taps.
  void (*gradient)(const DirectGradient& in, const int64_t* tap, int64_t taps, int64_t filters,
                   float* lanes);
  // sums[i] = the sum over lanes[16 i ... 16 i + 15] along the tree of simd.h, for i < count.
  void (*sum_lanes)(const float* lanes, int64_t count, float* sums);
};

const DirectKernels& direct_kernels(Isa isa);

}  // namespace secateur
