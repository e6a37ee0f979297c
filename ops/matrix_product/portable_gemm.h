#pragma once
// The native matrix product, on the calling thread alone. The bits do not depend on `isa`. An
// element is one of
//   a sum, in order, of chains of kProductDepth fused multiply-adds over k (panel_product.h);
//   where m or n is at most 8 and both factors lie along k: runs of 512 products in 16 lanes and
//   their tree (simd.h), added in order in double.

#include <cstdint>

#include "ops/matrix_product/transpose.h"
#include "ops/vector/isa.h"

namespace secateur {

// As transpose.h has it.
void portable_gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
                   float alpha, const float* a, int64_t lda, const float* b, int64_t ldb,
                   float beta, float* c, int64_t ldc, Isa isa = active_isa());

}  // namespace secateur
