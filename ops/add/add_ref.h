#pragma once
// The oracle of add.

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> add_ref(const RefTensor<T>& a, const RefTensor<T>& b) {
  RefTensor<T> y(a.shape);
  for (int64_t i = 0; i < a.shape.numel(); ++i) y[i] = a[i] + b[i];
  return y;
}

}  // namespace secateur
