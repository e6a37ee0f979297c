#pragma once
// The oracle of mse_loss.

#include <cmath>

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> mse_loss_ref(const RefTensor<T>& prediction, const RefTensor<T>& target,
                          bool skip_nan_targets) {
  RefTensor<T> loss(Shape{1});
  int64_t count = 0;
  for (int64_t i = 0; i < prediction.shape.numel(); ++i) {
    if (skip_nan_targets && std::isnan(real_part(target[i]))) continue;
    loss[0] += (prediction[i] - target[i]) * (prediction[i] - target[i]);
    ++count;
  }
  if (count > 0) loss[0] /= static_cast<double>(count);
  return loss;
}

}  // namespace secateur
