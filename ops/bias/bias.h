#pragma once
// bias: y[n, c, ...] = x[n, c, ...] + b[c], for x of rank 2 or more and b [c].
// vjp: dx = dy; db[c] = the sum of dy over samples and positions. Keeps nothing for backward.
// Throws Error when x has no channel axis or b is not [c].

#include "autograd/variable.h"

namespace secateur {

Variable bias(const Variable& x, const Variable& b);

}  // namespace secateur
