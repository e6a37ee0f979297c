#pragma once
// The oracle of max_pool.

#include "ops/pool_window.h"
#include "ops/reference_tensor.h"

namespace secateur {

template <class T>
RefTensor<T> max_pool_ref(const RefTensor<T>& x, const PoolOptions& o) {
  const int64_t height = (x.dim(2) + o.padding.top + o.padding.bottom - o.kernel) / o.stride + 1;
  const int64_t width = (x.dim(3) + o.padding.left + o.padding.right - o.kernel) / o.stride + 1;
  RefTensor<T> y(Shape{x.dim(0), x.dim(1), height, width});
  for (int64_t plane = 0; plane < x.dim(0) * x.dim(1); ++plane) {
    for (int64_t at = 0; at < height * width; ++at) {
      bool found = false;
      T largest{};
      for (int64_t tap = 0; tap < o.kernel * o.kernel; ++tap) {
        const int64_t iy = at / width * o.stride + tap / o.kernel - o.padding.top;
        const int64_t ix = at % width * o.stride + tap % o.kernel - o.padding.left;
        if (iy < 0 || iy >= x.dim(2) || ix < 0 || ix >= x.dim(3)) continue;
        const T& value = x[(plane * x.dim(2) + iy) * x.dim(3) + ix];
        if (!found || real_part(value) > real_part(largest)) largest = value;
        found = true;
      }
      y[plane * height * width + at] = largest;
    }
  }
  return y;
}

}  // namespace secateur
