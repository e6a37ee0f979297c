#pragma once
// The oracle of conv2d.

#include <algorithm>

#include "ops/conv2d/conv2d.h"
#include "ops/reference_tensor.h"

namespace secateur {

// The window of filter f at output (oy, ox).
template <class T>
T conv2d_ref_window(const RefTensor<T>& x, const RefTensor<T>& w, const Conv2dOptions& options,
                    int64_t n, int64_t f, int64_t oy, int64_t ox) {
  const int64_t first_channel = f / (w.dim(0) / options.groups) * w.dim(1);
  const int64_t left = ox * options.stride - options.padding.left;  // the column of kx = 0
  const int64_t first_kx = std::max<int64_t>(0, -left);
  const int64_t end_kx = std::min(w.dim(3), x.dim(3) - left);
  T sum(0);
  for (int64_t c = 0; c < w.dim(1); ++c) {
    for (int64_t ky = 0; ky < w.dim(2); ++ky) {
      const int64_t row = oy * options.stride + ky - options.padding.top;
      if (row < 0 || row >= x.dim(2) || first_kx >= end_kx) continue;
      const T* from = &x.at(n, first_channel + c, row, left + first_kx);
      const T* weights = &w.at(f, c, ky, first_kx);
      for (int64_t k = 0; k < end_kx - first_kx; ++k) sum += from[k] * weights[k];
    }
  }
  return sum;
}

template <class T>
RefTensor<T> conv2d_ref(const RefTensor<T>& x, const RefTensor<T>& w,
                        const Conv2dOptions& options) {
  const Padding2d& pad = options.padding;
  const int64_t rows = (x.dim(2) + pad.top + pad.bottom - w.dim(2)) / options.stride + 1;
  const int64_t columns = (x.dim(3) + pad.left + pad.right - w.dim(3)) / options.stride + 1;
  RefTensor<T> y(Shape{x.dim(0), w.dim(0), rows, columns});
  for (int64_t n = 0; n < x.dim(0); ++n) {
    for (int64_t f = 0; f < w.dim(0); ++f) {
      for (int64_t oy = 0; oy < rows; ++oy) {
        for (int64_t ox = 0; ox < columns; ++ox) {
          y.at(n, f, oy, ox) = conv2d_ref_window(x, w, options, n, f, oy, ox);
        }
      }
    }
  }
  return y;
}

}  // namespace secateur
