#pragma once
// The oracle of dense_depthwise: the plain composition.

#include "ops/dense_depthwise/dense_depthwise.h"
#include "ops/reference_tensor.h"

namespace secateur {

// Correlation with zeros around x. Filter f reads all channels, or channel f when each has one.
template <class T>
RefTensor<T> dense_depthwise_ref_window(const RefTensor<T>& x, const RefTensor<T>& w,
                                        const Window& window, bool depthwise) {
  const int64_t rows = (x.dim(2) + window.top + window.bottom - w.dim(2)) / window.stride + 1;
  const int64_t columns = (x.dim(3) + window.left + window.right - w.dim(3)) / window.stride + 1;
  RefTensor<T> y(Shape{x.dim(0), w.dim(0), rows, columns});
  for (int64_t i = 0; i < y.shape.numel(); ++i) {
    const int64_t ox = i % columns;
    const int64_t oy = i / columns % rows;
    const int64_t f = i / (columns * rows) % w.dim(0);
    const int64_t n = i / (columns * rows * w.dim(0));
    for (int64_t k = 0; k < w.dim(1) * w.dim(2) * w.dim(3); ++k) {
      const int64_t c = k / (w.dim(2) * w.dim(3));
      const int64_t row = oy * window.stride + k / w.dim(3) % w.dim(2) - window.top;
      const int64_t column = ox * window.stride + k % w.dim(3) - window.left;
      if (row < 0 || row >= x.dim(2) || column < 0 || column >= x.dim(3)) continue;
      y[i] += x.at(n, depthwise ? f : c, row, column) * w[f * w.dim(1) * w.dim(2) * w.dim(3) + k];
    }
  }
  return y;
}

template <class T>
RefTensor<T> dense_depthwise_ref(const RefTensor<T>& x, const RefTensor<T>& w,
                                 const RefTensor<T>& b, const RefTensor<T>& v,
                                 const DenseDepthwiseOptions& options) {
  RefTensor<T> z = dense_depthwise_ref_window(x, w, options.dense, false);
  const int64_t plane = z.dim(2) * z.dim(3);
  for (int64_t i = 0; i < z.shape.numel(); ++i) {
    z[i] += b[i / plane % w.dim(0)];
    if (options.relu && real_part(z[i]) < 0) z[i] = T(0);
  }
  if (v.shape.numel() == 0) return z;
  return dense_depthwise_ref_window(z, v, options.depthwise, true);
}

}  // namespace secateur
