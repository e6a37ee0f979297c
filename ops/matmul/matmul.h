#pragma once
// matmul: y[m, n] = sum_k op(a)[m, k] op(b)[k, n], op = transpose where asked.
// a is stored [m, k], or [k, m] with transpose_a; b [k, n], or [n, k] with transpose_b.
// vjp: d op(a) = dy op(b)^T, d op(b) = op(a)^T dy. Keeps nothing beyond a and b.
// Throws Error when an input is no matrix or the inner extents differ.

#include "autograd/variable.h"

namespace secateur {

struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};

Variable matmul(const Variable& a, const Variable& b, const MatmulOptions& options = {});

}  // namespace secateur
