#pragma once
// The oracle of factorised_readout: the two sums in their literal order.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> factorised_readout_ref(const RefTensor<T>& x, const RefTensor<T>& mixing,
                                    const RefTensor<T>& mixing_bias, const RefTensor<T>& spatial,
                                    const RefTensor<T>& bias) {
  const int64_t outputs = mixing.dim(0);
  const int64_t channels = x.dim(1);
  const int64_t pixels = x.dim(2) * x.dim(3);
  RefTensor<T> y(Shape{x.dim(0), outputs});
  for (int64_t n = 0; n < x.dim(0); ++n) {
    for (int64_t o = 0; o < outputs; ++o) {
      std::vector<T> mixed(static_cast<size_t>(pixels), mixing_bias[o]);
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t p = 0; p < pixels; ++p) {
          mixed[static_cast<size_t>(p)] +=
              mixing[o * channels + c] * x[(n * channels + c) * pixels + p];
        }
      }
      T sum = bias[o];
      for (int64_t p = 0; p < pixels; ++p) {
        sum += mixed[static_cast<size_t>(p)] * spatial[o * pixels + p];
      }
      y[n * outputs + o] = sum;
    }
  }
  return y;
}

}  // namespace secateur
