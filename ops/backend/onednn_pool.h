#pragma once
// Average pooling by oneDNN, on planes of one image size, on the calling thread alone. The shared
// geometry is PoolWindow's; plans are made on first use per thread, shape and number of planes, so
// callers cut their planes into equal blocks.

#include "ops/pool_window.h"

namespace secateur {

// x [planes, height, width] -> y [planes, out_height, out_width], overwritten. The divisor counts
// padding when asked, else the pixels inside the image only.
void onednn_avg_pool_forward(const PoolWindow& window, int64_t planes, bool count_padding,
                             const float* x, float* y);

// dx is overwritten.
void onednn_avg_pool_backward(const PoolWindow& window, int64_t planes, bool count_padding,
                              const float* dy, float* dx);

}  // namespace secateur
