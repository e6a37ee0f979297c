#pragma once
// The oracle of matmul.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> matmul_ref(const RefTensor<T>& a, const RefTensor<T>& b, bool transpose_a,
                        bool transpose_b) {
  const int64_t m = a.dim(transpose_a ? 1 : 0);
  const int64_t k = a.dim(transpose_a ? 0 : 1);
  const int64_t n = b.dim(transpose_b ? 0 : 1);
  RefTensor<T> y(Shape{m, n});
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t t = 0; t < k; ++t) {
        y[i * n + j] +=
            a[transpose_a ? t * m + i : i * k + t] * b[transpose_b ? j * k + t : t * n + j];
      }
    }
  }
  return y;
}

}  // namespace secateur
