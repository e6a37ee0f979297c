#pragma once
// The oracle of bias.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> bias_ref(const RefTensor<T>& x, const RefTensor<T>& b) {
  RefTensor<T> y(x.shape);
  const int64_t channels = x.dim(1);
  const int64_t samples = x.dim(0);
  const int64_t plane = x.shape.numel() / (samples * channels);
  for (int64_t n = 0; n < samples; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t i = 0; i < plane; ++i) {
        const int64_t at = (n * channels + c) * plane + i;
        y[at] = x[at] + b[c];
      }
    }
  }
  return y;
}

}  // namespace secateur
