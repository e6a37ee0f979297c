#pragma once
// avg_pool: y = the mean of each kernel x kernel window, per channel.
//   x [n, c, h, w] -> y [n, c, (h + top + bottom - kernel) / stride + 1, the same for the width]
// The divisor is the number of pixels of the image in the window, or kernel^2 with count_padding
// (padding then counts as zeros). A window is summed in scan order, then divided.
// vjp: dx = the sum over the windows of a pixel, in scan order, of dy / divisor. Keeps nothing.
// Throws Error when x has another rank, holds no window, or a padding is not below the kernel.

#include "autograd/variable.h"
#include "ops/pool_window.h"

namespace secateur {

struct AvgPoolOptions {
  PoolOptions window = {};
  bool count_padding = false;
};

Variable avg_pool(const Variable& x, const AvgPoolOptions& options = {});

}  // namespace secateur
