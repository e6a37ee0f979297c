#include "ops/avg_pool/window_means.h"

#include <algorithm>
#include <vector>

namespace secateur {
namespace {

int64_t length(const TapRange& range) { return range.end - range.begin; }

// The divisors of one row of windows.
class Divisors {
 public:
  Divisors(const PoolWindow& w, bool count_padding) : window_(w), count_padding_(count_padding) {
    for (int64_t ox = 0; ox < w.out_width; ++ox) {
      columns_.push_back(static_cast<float>(length(w.columns_inside(ox))));
    }
  }

  // to[ox] = from[ox] / divisor.
  void divide(int64_t oy, const float* from, float* to) const {
    if (count_padding_) {
      const auto all = static_cast<float>(window_.kernel * window_.kernel);
      for (int64_t ox = 0; ox < window_.out_width; ++ox) to[ox] = from[ox] / all;
      return;
    }
    const auto rows = static_cast<float>(length(window_.rows_inside(oy)));
    const float* const columns = columns_.data();
    for (int64_t ox = 0; ox < window_.out_width; ++ox) to[ox] = from[ox] / (rows * columns[ox]);
  }

 private:
  const PoolWindow& window_;
  bool count_padding_;
  std::vector<float> columns_;
};

// to[i] += from[i * stride]
void add_strided(const float* from, int64_t stride, int64_t count, float* to) {
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) to[i] += from[i];
  } else if (stride == 2) {
    for (int64_t i = 0; i < count; ++i) to[i] += from[2 * i];
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] += from[i * stride];
  }
}

// to[i * stride] += from[i]
void spread_strided(const float* from, int64_t stride, int64_t count, float* to) {
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) to[i] += from[i];
  } else {
    for (int64_t i = 0; i < count; ++i) to[i * stride] += from[i];
  }
}

}  // namespace

void window_means(const PoolWindow& w, int64_t planes, bool count_padding, const float* x,
                  float* y) {
  const Divisors divisors(w, count_padding);
  for (int64_t row = 0; row < planes * w.out_height; ++row) {
    const int64_t oy = row % w.out_height;
    const float* const plane = x + row / w.out_height * w.pixels();
    float* const to = y + row * w.out_width;
    std::fill_n(to, w.out_width, 0.0f);
    const TapRange rows = w.rows_inside(oy);
    for (int64_t ky = rows.begin; ky < rows.end; ++ky) {
      const float* const from = plane + (oy * w.stride + ky - w.top) * w.width;
      for (int64_t kx = 0; kx < w.kernel; ++kx) {
        const TapRange outputs = w.outputs_of_tap(kx);
        if (length(outputs) == 0) continue;
        add_strided(from + outputs.begin * w.stride + kx - w.left, w.stride, length(outputs),
                    to + outputs.begin);
      }
    }
    divisors.divide(oy, to, to);
  }
}

void window_means_backward(const PoolWindow& w, int64_t planes, bool count_padding, const float* dy,
                           float* dx) {
  const Divisors divisors(w, count_padding);
  std::vector<float> share(static_cast<size_t>(w.out_width));
  std::fill_n(dx, planes * w.pixels(), 0.0f);
  for (int64_t row = 0; row < planes * w.out_height; ++row) {
    const int64_t oy = row % w.out_height;
    float* const plane = dx + row / w.out_height * w.pixels();
    divisors.divide(oy, dy + row * w.out_width, share.data());
    const TapRange rows = w.rows_inside(oy);
    for (int64_t ky = rows.begin; ky < rows.end; ++ky) {
      float* const to = plane + (oy * w.stride + ky - w.top) * w.width;
      // The windows of a pixel come from left to right when the taps go from right to left.
      for (int64_t kx = w.kernel - 1; kx >= 0; --kx) {
        const TapRange outputs = w.outputs_of_tap(kx);
        if (length(outputs) == 0) continue;
        spread_strided(share.data() + outputs.begin, w.stride, length(outputs),
                       to + outputs.begin * w.stride + kx - w.left);
      }
    }
  }
}

}  // namespace secateur
