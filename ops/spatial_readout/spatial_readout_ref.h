#pragma once
// The oracle of spatial_readout.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> spatial_readout_ref(const RefTensor<T>& x, const RefTensor<T>& w,
                                 const RefTensor<T>& b) {
  RefTensor<T> y(Shape{x.dim(0), w.dim(0)});
  for (int64_t n = 0; n < x.dim(0); ++n) {
    for (int64_t o = 0; o < w.dim(0); ++o) {
      T sum = b[o];
      for (int64_t c = 0; c < x.dim(1); ++c) {
        for (int64_t i = 0; i < x.dim(2); ++i) {
          for (int64_t j = 0; j < x.dim(3); ++j) sum += x.at(n, c, i, j) * w.at(o, c, i, j);
        }
      }
      y[n * w.dim(0) + o] = sum;
    }
  }
  return y;
}

}  // namespace secateur
