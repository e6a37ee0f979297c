#pragma once
// The only adapter to BLAS (OpenBLAS). Every call runs on the calling thread alone; parallelism is
// the caller's, by blocks of data, so the bits do not depend on the number of threads.

#include <cstdint>
#include <string>

#include "ops/matrix_product/transpose.h"

namespace secateur {

// As ops/matrix_product/transpose.h has it.
void sgemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
           float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
           float* c, int64_t ldc);

std::string blas_description();  // for run.json and doctor: version, kernels, threading

}  // namespace secateur
