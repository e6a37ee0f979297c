// The backend where there is neither oneDNN nor BLAS: in a page (cmake/WebAssembly.cmake).

#include "ops/backend/gemm.h"
#include "ops/backend/onednn_conv.h"
#include "ops/matrix_product/portable_gemm.h"
#include "tensor/error.h"

namespace secateur {
namespace {

[[noreturn]] void not_here(std::string_view what) {
  fail(ErrorKind::kUsage, what, "not available in a page");
}

}  // namespace

void gemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
          float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
          float* c, int64_t ldc) {
  if (m == 0 || n == 0) return;
  require(k > 0, "gemm", "wanted a sum of at least one product");
  portable_gemm(a_transposed, b_transposed, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void onednn_conv_forward(const ConvGeometry&, const float*, const float*, float*) {
  not_here("oneDNN");
}

void onednn_conv_backward_data(const ConvGeometry&, const float*, const float*, float*) {
  not_here("oneDNN");
}

void onednn_conv_backward_weights(const ConvGeometry&, const float*, const float*, float*) {
  not_here("oneDNN");
}

}  // namespace secateur
