#pragma once
// The inner loops of minimal filtering (minimal_filter.h), on vectors of 16 neighbouring fours.
// Compiled for AVX2 and for AVX-512, with the same bits.

#include "ops/minimal_filtering/minimal_filter.h"
#include "ops/vector/isa.h"

namespace secateur {

constexpr int64_t kMinimalFilters = 6;          // that share a vector of x
constexpr int64_t kMinimalGradientFilters = 5;  // filters and kernel rows of a tile of the gradient
constexpr int64_t kMinimalGradientRows = 5;

struct MinimalForward {
  const float* v;      // MinimalRows
  int64_t array;       // floats from one point to the next
  const int64_t* row;  // offset of a kernel row in v, per (channel, ky)
  int64_t rows;
  const float* u;       // [row][point][filter]
  const int64_t* v_at;  // offset of the first four, per vector
  const int64_t* y_at;  // offset of its first output in the plane of a filter
  int64_t vectors;
  float* y;
  int64_t y_plane;  // floats from one filter to the next
};

// Outputs in two phases, with a bias, not less than `floor`.
struct MinimalPhases {
  const float* bias;  // per filter
  float floor;
  float* odd;  // outputs 4j + 1, 4j + 3, with y_at from here; 4j, 4j + 2 are in y
};

struct MinimalGradient {
  const float* v;  // of one point, under the first kernel row
  int64_t v_row;   // floats from one kernel row to the next
  const float* u;
  int64_t u_filter;  // floats from one filter to the next
  int64_t vectors;
};

struct MinimalKernels {
  // 64 outputs of each vector, one after the other. At most kMinimalFilters filters.
  void (*plain)(const MinimalForward& call, int64_t filters);
  // 32 outputs of each vector in each phase.
  void (*phases)(const MinimalForward& call, const MinimalPhases& phases, int64_t filters);
  // u of one row of cotangents, without the factors of the pairs: `fours` (at least 16) of each
  // point, `array` floats from one point to the next.
  void (*cotangents)(const float* dy, int64_t fours, int64_t array, float* u);
  // lanes[(kernel row * filters + filter) * 16 + lane] = the sum of u v over the vectors. At most
  // kMinimalGradientRows kernel rows and kMinimalGradientFilters filters.
  void (*gradient)(const MinimalGradient& in, int64_t rows, int64_t filters, float* lanes);
};

const MinimalKernels& minimal_kernels(Isa isa);

}  // namespace secateur
