#pragma once
// max_pool: y = the largest pixel of each kernel x kernel window, per channel.
//   x [n, c, h, w] -> y [n, c, (h + top + bottom - kernel) / stride + 1, the same for the width]
// Padding holds no value: it is never the maximum. A NaN in the window makes the output NaN.
// vjp: dy goes to the window's maximum, to the first one in scan order (rows, then columns) when
// several are equal. Keeps the place of each maximum, 2 bytes per output.
// Throws Error when x has another rank, holds no window, or a padding is not below the kernel.
//
// Native: oneDNN's pooling leaves ties and NaN unspecified and keeps 4 bytes per output for kernels
// above 16 x 16.

#include "autograd/variable.h"
#include "ops/pool_window.h"

namespace secateur {

Variable max_pool(const Variable& x, const PoolOptions& options = {});

}  // namespace secateur
