#include "ops/max_pool/max_pool.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "tensor/arena.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

using Place = uint16_t;  // ky * kernel + kx of the maximum

// One row of outputs: the maxima so far, and the tap that each came from.
struct Row {
  std::vector<float> best;
  std::vector<int32_t> tap;
  std::vector<int32_t> first_column;  // of each output's window, inside the image

  explicit Row(const PoolWindow& w)
      : best(static_cast<size_t>(w.out_width)), tap(best.size()), first_column(best.size()) {
    for (int64_t ox = 0; ox < w.out_width; ++ox) {
      first_column[static_cast<size_t>(ox)] = static_cast<int32_t>(w.columns_inside(ox).begin);
    }
  }

  // A window that holds nothing above minus infinity has its maximum at its first pixel.
  void clear(int64_t first_tap) {
    std::fill(best.begin(), best.end(), -std::numeric_limits<float>::infinity());
    std::transform(first_column.begin(), first_column.end(), tap.begin(),
                   [&](int32_t kx) { return static_cast<int32_t>(first_tap) + kx; });
  }
};

// Taps come in scan order and replace only what is smaller, so the first maximum and the first NaN
// stay. The stride is a constant where it can be: only then does the loop become vectors.
template <int64_t kStride>
void offer(const float* x, int64_t stride, int64_t count, int32_t new_tap, float* best,
           int32_t* tap) {
  const int64_t step = kStride > 0 ? kStride : stride;
  for (int64_t i = 0; i < count; ++i) {
    const float v = x[i * step];
    const bool keep = (v <= best[i]) | (best[i] != best[i]);
    best[i] = keep ? best[i] : v;
    tap[i] = keep ? tap[i] : new_tap;
  }
}

void pool_row(const PoolWindow& w, const float* x, int64_t oy, Row& row) {
  const auto run = w.stride == 1 ? offer<1> : w.stride == 2 ? offer<2> : offer<0>;
  const TapRange rows = w.rows_inside(oy);
  row.clear(rows.begin * w.kernel);
  for (int64_t ky = rows.begin; ky < rows.end; ++ky) {
    const float* const line = x + (oy * w.stride + ky - w.top) * w.width;
    for (int64_t kx = 0; kx < w.kernel; ++kx) {
      const TapRange outputs = w.outputs_of_tap(kx);
      if (outputs.begin == outputs.end) continue;
      run(line + outputs.begin * w.stride + kx - w.left, w.stride, outputs.end - outputs.begin,
          static_cast<int32_t>(ky * w.kernel + kx), row.best.data() + outputs.begin,
          row.tap.data() + outputs.begin);
    }
  }
}

// places may be null: then they are not kept.
void pool_plane(const PoolWindow& w, const float* x, Row& row, float* y, Place* places) {
  for (int64_t oy = 0; oy < w.out_height; ++oy) {
    pool_row(w, x, oy, row);
    std::copy(row.best.begin(), row.best.end(), y + oy * w.out_width);
    if (places == nullptr) continue;
    std::transform(row.tap.begin(), row.tap.end(), places + oy * w.out_width,
                   [](int32_t tap) { return static_cast<Place>(tap); });
  }
}

// Distance in a plane from a window's corner to each of its taps.
std::vector<int64_t> tap_distances(const PoolWindow& w) {
  std::vector<int64_t> distances;
  for (int64_t ky = 0; ky < w.kernel; ++ky) {
    for (int64_t kx = 0; kx < w.kernel; ++kx) distances.push_back(ky * w.width + kx);
  }
  return distances;
}

// Windows overlap, so contributions are added, in scan order of the outputs.
void scatter_plane(const PoolWindow& w, const std::vector<int64_t>& distances, const float* dy,
                   const Place* places, float* dx) {
  std::fill(dx, dx + w.pixels(), 0.0f);
  for (int64_t oy = 0; oy < w.out_height; ++oy) {
    for (int64_t ox = 0; ox < w.out_width; ++ox) {
      const int64_t corner = (oy * w.stride - w.top) * w.width + ox * w.stride - w.left;
      const int64_t output = oy * w.out_width + ox;
      dx[corner + distances[places[output]]] += dy[output];
    }
  }
}

}  // namespace

Variable max_pool(const Variable& x, const PoolOptions& options) {
  const PoolWindow w("max_pool", x.shape(), options);
  const int64_t planes = x.shape()[0] * x.shape()[1];
  Tensor y(Shape{x.shape()[0], x.shape()[1], w.out_height, w.out_width});
  std::shared_ptr<void> kept;
  if (x.requires_grad()) kept = arena_allocate(y.numel() * static_cast<int64_t>(sizeof(Place)));
  Place* const places = static_cast<Place*>(kept.get());
  for_each_plane_block(w, planes, [&, to = y.data()](int64_t begin, int64_t end) {
    Row row(w);
    for (int64_t p = begin; p < end; ++p) {
      pool_plane(w, x.value().data() + p * w.pixels(), row, to + p * w.outputs(),
                 places == nullptr ? nullptr : places + p * w.outputs());
    }
  });
  return record(y, {x}, [x, w, planes, kept](const Tensor& dy) {
    Tensor dx(x.shape());
    const Place* const from = static_cast<const Place*>(kept.get());
    const std::vector<int64_t> distances = tap_distances(w);
    for_each_plane_block(w, planes, [&, to = dx.data()](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        scatter_plane(w, distances, dy.data() + p * w.outputs(), from + p * w.outputs(),
                      to + p * w.pixels());
      }
    });
    x.add_grad(std::move(dx));
  });
}

}  // namespace secateur
