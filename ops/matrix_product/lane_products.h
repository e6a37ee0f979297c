#pragma once
// Products of rows that both run along the sum: every row of a with every row of b, on the calling
// thread alone. The bits do not depend on the instruction set.

#include "ops/matrix_product/product_kernels.h"

namespace secateur {

class LaneProducts {
 public:
  LaneProducts(int64_t a_rows, int64_t b_rows, Isa isa)
      : a_rows_(a_rows), b_rows_(b_rows), kernels_(product_kernels(isa)) {}

  // sums[i * b_rows + k] += sum over s < steps of a[i * a_row + s] b[k * b_row + s]: 16 lanes and
  // their tree (simd.h) for the steps that fill whole vectors, then for the rest.
  void add(const float* a, int64_t a_row, const float* b, int64_t b_row, int64_t steps,
           double* sums) const;

 private:
  void add_whole(const float* a, int64_t a_row, const float* b, int64_t b_row, int64_t steps,
                 double* sums) const;

  const int64_t a_rows_, b_rows_;
  const ProductKernels& kernels_;
};

}  // namespace secateur
