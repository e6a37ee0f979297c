#include "ops/backend/blas.h"

#include <cblas.h>

#include <algorithm>
#include <limits>

#include "tensor/error.h"

namespace secateur {
namespace {

// The OpenMP and pthread builds start threads of their own unless told not to. The serial build is
// refused: it hands out its work buffers without a lock, so that products made by several threads
// at once overwrite each other now and then.
void use_one_thread() {
  static const bool once = [] {
    if (openblas_get_parallel() == 0) {
      fail(ErrorKind::kUsage, "blas",
           "this is the serial build of OpenBLAS, which is not safe with threads: install "
           "libopenblas-openmp-dev");
    }
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(once);
}

blasint to_blas(int64_t extent) {
  require(extent >= 0 && extent <= std::numeric_limits<blasint>::max(), "sgemm",
          "wanted extents of 0 to 2^31 - 1, got {}", extent);
  return static_cast<blasint>(extent);
}

CBLAS_TRANSPOSE to_blas(Transpose t) { return t == Transpose::kYes ? CblasTrans : CblasNoTrans; }

}  // namespace

void sgemm(Transpose a_transposed, Transpose b_transposed, int64_t m, int64_t n, int64_t k,
           float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
           float* c, int64_t ldc) {
  use_one_thread();
  if (m == 0 || n == 0) return;
  cblas_sgemm(CblasRowMajor, to_blas(a_transposed), to_blas(b_transposed), to_blas(m), to_blas(n),
              to_blas(k), alpha, a, to_blas(std::max<int64_t>(lda, 1)), b,
              to_blas(std::max<int64_t>(ldb, 1)), beta, c, to_blas(std::max<int64_t>(ldc, 1)));
}

std::string blas_description() {
  const int kind = openblas_get_parallel();
  return fmt::format("{} ({} build, one thread per call)", openblas_get_config(),
                     kind == 0   ? "serial"
                     : kind == 1 ? "pthread"
                                 : "OpenMP");
}

}  // namespace secateur
