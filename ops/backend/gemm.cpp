#include "ops/backend/gemm.h"

#include "ops/backend/blas.h"
#include "ops/backend/onednn_runtime.h"
#include "ops/backend/reproducibility.h"
#include "ops/matrix_product/portable_gemm.h"
#include "ops/vector/isa.h"

namespace secateur {
namespace {

char to_onednn(Transpose t) { return t == Transpose::kYes ? 'T' : 'N'; }

// An empty sum. beta = 0 writes zeros whatever was there, NaN included.
void scale(int64_t m, int64_t n, float beta, float* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
  }
}

// A gradient of weights, dY X^T: a small result from a long sum over pixels. There OpenBLAS is
// ahead where it has kernels for this processor (see the header); everywhere else oneDNN is. The
// choice follows from the shape alone, so it is the same on every run.
bool long_sum(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k) {
  return a_transposed == Transpose::kNo && b_transposed == Transpose::kYes && m >= 16 && n >= 16 &&
         k >= 512 && active_isa() == Isa::kAvx512;
}

}  // namespace

void library_gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
                  float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
                  float* c, int64_t ldc) {
  if (long_sum(a_transposed, b_transposed, m, n, k)) {
    sgemm(a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    return;
  }
  onednn::on_this_thread("gemm", [&] {
    onednn::engine();  // holds oneDNN to the instruction set of this process
    const dnnl_status_t status = dnnl_sgemm(to_onednn(a_transposed), to_onednn(b_transposed), m, n,
                                            k, alpha, a, lda, b, ldb, beta, c, ldc);
    if (status != dnnl_success) throw dnnl::error(status, "matrix product");
  });
}

void gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
          float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
          float* c, int64_t ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) return scale(m, n, beta, c, ldc);
  if (reproducibility() == Reproducibility::kPortable) {
    portable_gemm(a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  } else {
    library_gemm(a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
}

}  // namespace secateur
