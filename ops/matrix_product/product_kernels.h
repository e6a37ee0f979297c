#pragma once
// The inner loops of a 1 x 1 convolution, vectorised over pixels. Compiled for AVX2 and for
// AVX-512, with the same bits.

#include <cstdint>

#include "ops/vector/isa.h"

namespace secateur {

constexpr int64_t kProductFilters = 6;  // that share a vector of x
constexpr int64_t kOuterRows = 4;       // rows of dy, and of x, that make sums together

struct ProductKernels {
  // y[f][i] = sum over c of w[c * filters + f] x[c][i] for i < 16 * vectors: one chain of fused
  // multiply-adds over c. filters: 1 to kProductFilters. Rows of x and y lie `x_row` and `y_row`
  // floats apart.
  void (*product)(const float* x, int64_t x_row, int64_t channels, const float* w, int64_t filters,
                  int64_t vectors, float* y, int64_t y_row);
  // sums[4 f + c] = sum over i of dy[f][i] x[c][i] for i < 16 * vectors: 16 lanes, then the tree of
  // simd.h. dy and x: kOuterRows pointers each, which may repeat.
  void (*outer)(const float* const* dy, const float* const* x, int64_t vectors, float* sums);
};

const ProductKernels& product_kernels(Isa isa);

}  // namespace secateur
