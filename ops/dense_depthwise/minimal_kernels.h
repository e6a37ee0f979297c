#pragma once
// The inner loop of a convolution five columns wide whose outputs are made in fours, with 8
// multiply-adds in place of 20 (minimal_conv.h). Compiled for AVX2 and for AVX-512, with the same
// bits.

#include <cstdint>

#include "ops/backend/isa.h"

namespace secateur {

constexpr int64_t kMinimalOutputs = 4;  // 4j, .. 4j + 3: a four
constexpr int64_t kMinimalPoints = 8;   // products in place of kMinimalOutputs x 5
constexpr int64_t kMinimalFilters = 6;  // that share a vector of x

struct MinimalCall {
  const float* x;      // the first kernel row of the first four, as turned into for point 0
  int64_t array;       // floats from the x of one point to that of the next
  const int64_t* row;  // offset of a kernel row, per (channel, ky)
  int64_t rows;        // of the kernel, in all channels
  int64_t fours;       // at least 16
  const float* w;      // [row][point][filter]
  const float* bias;   // per filter
  float floor;         // outputs are at least this
  float* even;         // outputs 4j, 4j + 2, one after the other
  float* odd;          // outputs 4j + 1, 4j + 3
  int64_t y_plane;     // floats from one filter to the next
};

struct MinimalKernels {
  // At most kMinimalFilters filters; fours [first, end), and the rest of a vector behind them.
  void (*run)(const MinimalCall& call, int64_t filters, int64_t first, int64_t end);
};

const MinimalKernels& minimal_kernels(Isa isa);

}  // namespace secateur
