#pragma once
// The oracle of batch_norm.

#include <cmath>
#include <complex>
#include <vector>

#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
void batch_norm_channel_ref(const RefTensor<T>& x, int64_t c, T mean, T variance, T gamma, T beta,
                            double epsilon, bool relu, RefTensor<T>& y) {
  using std::sqrt;
  for (int64_t n = 0; n < x.dim(0); ++n) {
    for (int64_t i = 0; i < x.dim(2); ++i) {
      for (int64_t j = 0; j < x.dim(3); ++j) {
        const T v = gamma * (x.at(n, c, i, j) - mean) / sqrt(variance + epsilon) + beta;
        y.at(n, c, i, j) = relu && real_part(v) <= 0 ? T(0) : v;
      }
    }
  }
}

template <class T>
RefTensor<T> batch_norm_training_ref(const RefTensor<T>& x, const RefTensor<T>& gamma,
                                     const RefTensor<T>& beta, double epsilon, bool relu) {
  RefTensor<T> y(x.shape);
  const auto count = static_cast<double>(x.dim(0) * x.dim(2) * x.dim(3));
  for (int64_t c = 0; c < x.dim(1); ++c) {
    const auto mean_of = [&](const auto& term) {
      T sum = 0;
      for (int64_t n = 0; n < x.dim(0); ++n) {
        for (int64_t i = 0; i < x.dim(2); ++i) {
          for (int64_t j = 0; j < x.dim(3); ++j) sum += term(x.at(n, c, i, j));
        }
      }
      return sum / count;
    };
    const T mean = mean_of([](T v) { return v; });
    const T variance = mean_of([mean](T v) { return (v - mean) * (v - mean); });
    batch_norm_channel_ref(x, c, mean, variance, gamma[c], beta[c], epsilon, relu, y);
  }
  return y;
}

// mean and variance: one number per channel; shift: the same, added to x.
template <class T>
RefTensor<T> batch_norm_evaluation_ref(const RefTensor<T>& x, const RefTensor<T>& gamma,
                                       const RefTensor<T>& beta, const std::vector<float>& mean,
                                       const std::vector<float>& variance,
                                       const std::vector<float>& shift, double epsilon, bool relu) {
  RefTensor<T> y(x.shape);
  for (int64_t c = 0; c < x.dim(1); ++c) {
    const auto at = static_cast<size_t>(c);
    const double added = shift.empty() ? 0.0 : shift[at];
    batch_norm_channel_ref(x, c, T(mean[at] - added), T(variance[at]), gamma[c], beta[c], epsilon,
                           relu, y);
  }
  return y;
}

}  // namespace secateur
