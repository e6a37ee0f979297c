#pragma once
// The last step of a gradient of the weights.

#include "ops/elementwise.h"
#include "tensor/tensor.h"

namespace secateur {

// sum[i] = partial[0][i] + partial[1][i] + ..., always in this order; zeros where there is none.
inline void sum_over_samples(const Tensor& partial, int64_t count, float* sum) {
  const int64_t terms = partial.dim(0);
  for_each_block(count, [&, from = partial.data()](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sum[i] = 0.0f;
    for (int64_t t = 0; t < terms; ++t) {
      const float* const term = from + t * count;
      for (int64_t i = begin; i < end; ++i) sum[i] += term[i];
    }
  });
}

}  // namespace secateur
