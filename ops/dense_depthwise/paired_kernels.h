#pragma once
// The inner loop of a convolution five columns wide whose outputs are made in pairs, (2j, 2j + 1),
// with 7 multiply-adds in place of 10 (paired_conv.h). Compiled for AVX2 and for AVX-512, with the
// same bits.

#include <cstdint>

#include "ops/backend/isa.h"

namespace secateur {

constexpr int64_t kPairedFilters = 3;  // that share a vector of x
constexpr int64_t kPairedWeights = 7;  // per row of the kernel
constexpr int64_t kPairedArrays = 6;   // that x is turned into

struct PairedCall {
  const float* x;      // the arrays of the first kernel row of the first output
  int64_t array;       // floats from one array to the next
  const int64_t* row;  // offset of a kernel row, per (channel, ky)
  int64_t rows;        // of the kernel, in all channels
  int64_t pairs;       // at least 16
  const float* w;      // [row][weight][filter]
  const float* bias;   // per filter
  float floor;         // outputs are at least this
  float* even;         // outputs 2j
  float* odd;          // outputs 2j + 1
  int64_t y_plane;     // floats from one filter to the next
};

struct PairedKernels {
  // At most kPairedFilters filters; pairs [first, end), and the rest of a vector behind them.
  void (*run)(const PairedCall& call, int64_t filters, int64_t first, int64_t end);
};

const PairedKernels& paired_kernels(Isa isa);

}  // namespace secateur
