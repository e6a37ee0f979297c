#pragma once
// The oracle of pointwise.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> pointwise_ref(const RefTensor<T>& x, const RefTensor<T>& w) {
  const int64_t filters = w.dim(0);
  const int64_t channels = w.dim(1);
  const int64_t pixels = x.dim(2) * x.dim(3);
  RefTensor<T> y(Shape{x.dim(0), filters, x.dim(2), x.dim(3)});
  for (int64_t n = 0; n < x.dim(0); ++n) {
    for (int64_t f = 0; f < filters; ++f) {
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t p = 0; p < pixels; ++p) {
          y[(n * filters + f) * pixels + p] +=
              w[f * channels + c] * x[(n * channels + c) * pixels + p];
        }
      }
    }
  }
  return y;
}

}  // namespace secateur
