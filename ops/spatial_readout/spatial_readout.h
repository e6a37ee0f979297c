#pragma once
// spatial_readout: one dense map per output,
//   y[n, o] = sum over c, h, w of x[n, c, h, w] w[o, c, h, w] + b[o]
// for x [n, c, h, w], w [outputs, c, h, w], b [outputs]; the value is [n, outputs].
// vjp: dx = sum_o dy[n, o] w[o], dw[o] = sum_n dy[n, o] x[n], db[o] = sum_n dy[n, o]. Keeps nothing
// for backward. Up to kFewOutputs outputs the sums are native (lane_sums.h), above they are
// products of matrices. Throws Error for other shapes.

#include "autograd/variable.h"

namespace secateur {

Variable spatial_readout(const Variable& x, const Variable& w, const Variable& b);

}  // namespace secateur
