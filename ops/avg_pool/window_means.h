#pragma once
// Average pooling by plain loops, on planes of one image size, on the calling thread alone; the
// same instructions on every machine.

#include "ops/pool_window.h"

namespace secateur {

// As onednn_avg_pool_forward and onednn_avg_pool_backward (ops/backend/onednn_pool.h).
void window_means(const PoolWindow& window, int64_t planes, bool count_padding, const float* x,
                  float* y);
void window_means_backward(const PoolWindow& window, int64_t planes, bool count_padding,
                           const float* dy, float* dx);

}  // namespace secateur
