#pragma once
// The oracle of poisson_loss.

#include <cmath>
#include <complex>

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> poisson_loss_ref(const RefTensor<T>& rate, const RefTensor<T>& count, double epsilon,
                              bool log_input, double softplus, bool skip_nan_counts) {
  using std::exp, std::log;
  RefTensor<T> loss(Shape{1});
  int64_t present = 0;
  for (int64_t i = 0; i < rate.shape.numel(); ++i) {
    if (skip_nan_counts && std::isnan(real_part(count[i]))) continue;
    if (log_input) {
      loss[0] += exp(rate[i]) - count[i] * rate[i];
    } else {
      const T r = softplus > 0 ? log(1.0 + exp(softplus * rate[i])) / softplus : rate[i];
      loss[0] += r - count[i] * log(r + epsilon);
    }
    ++present;
  }
  if (present > 0) loss[0] /= static_cast<double>(present);
  return loss;
}

}  // namespace secateur
