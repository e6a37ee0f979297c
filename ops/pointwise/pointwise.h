#pragma once
// pointwise: the 1 x 1 convolution of a separable layer,
//   y[n, f, p] = sum_c w[f, c] x[n, c, p]   for every pixel p.
// x [n, channels, h, w], w [filters, channels, 1, 1] -> y [n, filters, h, w].
// vjp: dx[n] = w^T dy[n]; dw = sum_n dy[n] x[n]^T, in at most 16 partial sums of consecutive
// runs of pixels, added in order in double. Keeps nothing beyond x and w. The bits depend neither
// on the threads nor on the instruction set. Throws Error when the ranks or the channels do not
// fit.

#include "autograd/variable.h"

namespace secateur {

Variable pointwise(const Variable& x, const Variable& w);

}  // namespace secateur
