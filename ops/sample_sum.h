#pragma once
// The last step of a gradient of the weights.

#include <algorithm>
#include <array>

#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {

inline constexpr int64_t kSumColumns = 2048;

// sum[i] = partial[0][i] + partial[1][i] + ..., always in this order, in double.
inline void sum_over_samples(const Tensor& partial, int64_t count, float* sum) {
  const int64_t terms = partial.dim(0);
  parallel_for((count + kSumColumns - 1) / kSumColumns, [&, from = partial.data()](int64_t block) {
    const int64_t begin = block * kSumColumns;
    const int64_t end = std::min(count, begin + kSumColumns);
    std::array<double, kSumColumns> sums{};
    for (int64_t t = 0; t < terms; ++t) {
      for (int64_t i = begin; i < end; ++i) {
        sums[static_cast<size_t>(i - begin)] += from[t * count + i];
      }
    }
    for (int64_t i = begin; i < end; ++i)
      sum[i] = static_cast<float>(sums[static_cast<size_t>(i - begin)]);
  });
}

}  // namespace secateur
