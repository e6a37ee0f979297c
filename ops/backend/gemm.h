#pragma once
// The matrix product that operations call, on the calling thread alone: native when results are to
// be portable (reproducibility.h), else by a library. Safe to call from several threads at once.

#include <cstdint>

#include "ops/matrix_product/transpose.h"

namespace secateur {

// As ops/matrix_product/transpose.h has it.
void gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
          float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
          float* c, int64_t ldc);

// The same by oneDNN or OpenBLAS, whichever was faster for the shape. Wants extents of at least 1.
// One thread of Zen 4, GFLOP/s, OpenBLAS (which knows this processor) / oneDNN:
//   W[100, 100] X[100, 784]   102 / 113      W[200, 200] X[200, 784]   106 / 115
//   W[54, 57] X[57, 784]       95 / 111      W[7, 3] X[3, 784]          69 / 46 (0.2 us longer)
//   [64, 78400] [78400, 1]      9 / 30       dY X^T for 100 -> 100      94 / 81
// So long sums of the last kind go to OpenBLAS, with AVX-512; everything else to oneDNN.
// Throws Error when oneDNN refuses the extents.
void library_gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
                  float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
                  float* c, int64_t ldc);

}  // namespace secateur
