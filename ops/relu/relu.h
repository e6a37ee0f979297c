#pragma once
// relu: y = max(x, 0), any shape. NaN stays NaN.
// vjp: dx = dy where y > 0, else 0 (the subgradient at 0 is 0). Keeps y for backward.

#include "autograd/variable.h"

namespace secateur {

Variable relu(const Variable& x);

}  // namespace secateur
