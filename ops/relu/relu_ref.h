#pragma once
// The oracle of relu.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> relu_ref(const RefTensor<T>& x) {
  RefTensor<T> y(x.shape);
  for (int64_t i = 0; i < x.shape.numel(); ++i) y[i] = real_part(x[i]) > 0 ? x[i] : T(0);
  return y;
}

}  // namespace secateur
