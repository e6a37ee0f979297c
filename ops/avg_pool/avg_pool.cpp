#include "ops/avg_pool/avg_pool.h"

#include <algorithm>
#include <vector>

#include "tensor/parallel.h"

namespace secateur {
namespace {

int64_t length(TapRange range) { return range.end - range.begin; }

// Divisors of the outputs of one row.
void divisors_of_row(const PoolWindow& w, int64_t oy, bool count_padding, std::vector<float>& to) {
  for (int64_t ox = 0; ox < w.out_width; ++ox) {
    const int64_t count = count_padding ? w.kernel * w.kernel
                                        : length(w.rows_inside(oy)) * length(w.columns_inside(ox));
    to[static_cast<size_t>(ox)] = static_cast<float>(count);
  }
}

// Calls body(first, outputs) per tap of a row of outputs: output outputs.begin + i meets pixel
// first + i * stride of the plane.
template <class Body>
void for_each_tap(const PoolWindow& w, int64_t oy, const Body& body) {
  const TapRange rows = w.rows_inside(oy);
  for (int64_t ky = rows.begin; ky < rows.end; ++ky) {
    const int64_t line = (oy * w.stride + ky - w.top) * w.width;
    for (int64_t kx = 0; kx < w.kernel; ++kx) {
      const TapRange outputs = w.outputs_of_tap(kx);
      body(line + outputs.begin * w.stride + kx - w.left, outputs);
    }
  }
}

void pool_plane(const PoolWindow& w, bool count_padding, const float* x, float* y) {
  std::vector<float> divisors(static_cast<size_t>(w.out_width));
  for (int64_t oy = 0; oy < w.out_height; ++oy) {
    float* const row = y + oy * w.out_width;
    std::fill(row, row + w.out_width, 0.0f);
    for_each_tap(w, oy, [&](int64_t first, TapRange outputs) {
      for (int64_t i = 0; i < length(outputs); ++i)
        row[outputs.begin + i] += x[first + i * w.stride];
    });
    divisors_of_row(w, oy, count_padding, divisors);
    for (int64_t ox = 0; ox < w.out_width; ++ox) row[ox] /= divisors[static_cast<size_t>(ox)];
  }
}

void spread_plane(const PoolWindow& w, bool count_padding, const float* dy, float* dx) {
  std::vector<float> share(static_cast<size_t>(w.out_width));
  std::fill(dx, dx + w.pixels(), 0.0f);
  for (int64_t oy = 0; oy < w.out_height; ++oy) {
    divisors_of_row(w, oy, count_padding, share);
    for (int64_t ox = 0; ox < w.out_width; ++ox) {
      float& s = share[static_cast<size_t>(ox)];
      s = dy[oy * w.out_width + ox] / s;
    }
    for_each_tap(w, oy, [&, from = share.data()](int64_t first, TapRange outputs) {
      for (int64_t i = 0; i < length(outputs); ++i)
        dx[first + i * w.stride] += from[outputs.begin + i];
    });
  }
}

}  // namespace

Variable avg_pool(const Variable& x, const AvgPoolOptions& options) {
  const PoolWindow w("avg_pool", x.shape(), options.window);
  const bool count_padding = options.count_padding;
  const int64_t planes = x.shape()[0] * x.shape()[1];
  Tensor y(Shape{x.shape()[0], x.shape()[1], w.out_height, w.out_width});
  for_each_plane_block(w, planes, [&, to = y.data()](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      pool_plane(w, count_padding, x.value().data() + p * w.pixels(), to + p * w.outputs());
    }
  });
  return record(y, {x}, [x, w, planes, count_padding](const Tensor& dy) {
    Tensor dx(x.shape());
    for_each_plane_block(w, planes, [&, to = dx.data()](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        spread_plane(w, count_padding, dy.data() + p * w.outputs(), to + p * w.pixels());
      }
    });
    x.add_grad(std::move(dx));
  });
}

}  // namespace secateur
