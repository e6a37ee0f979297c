#include "ops/conv2d/window_columns.h"

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

// What one tap reads of one row of x: outputs [begin, end) read the pixels from `pixel` on,
// `stride` apart.
struct TapRow {
  int64_t begin, end;
  int64_t pixel;
};

// Calls body(tap row, the place of the row in a plane, the row of the columns) for every tap and
// output row.
template <class Body>
void for_each_tap_row(const ConvGeometry& g, const WindowBlock& block, const Body& body) {
  const int64_t width = g.out_width();
  for (int64_t tap = block.first_tap; tap < block.first_tap + block.taps; ++tap) {
    const int64_t kx = tap % g.kernel_w;
    const int64_t ky = tap / g.kernel_w % g.kernel_h;
    const int64_t plane = tap / g.kernel_w / g.kernel_h * g.height * g.width;
    // 0 <= ox * stride + kx - left < width of x
    const int64_t begin =
        std::min(width, (std::max<int64_t>(0, g.pad_left - kx) + g.stride - 1) / g.stride);
    const int64_t past = std::max<int64_t>(0, g.width + g.pad_left - kx);
    const int64_t end = std::clamp((past + g.stride - 1) / g.stride, begin, width);
    for (int64_t i = 0; i < block.rows; ++i) {
      const int64_t iy = (block.first_row + i) * g.stride + ky - g.pad_top;
      const bool inside = iy >= 0 && iy < g.height;
      const int64_t pixel = plane + iy * g.width + begin * g.stride + kx - g.pad_left;
      const int64_t row = (tap - block.first_tap) * block.rows + i;
      body(inside ? TapRow{begin, end, pixel} : TapRow{width, width, 0}, row * width);
    }
  }
}

}  // namespace

int64_t rows_per_block(const ConvGeometry& g) {
  constexpr int64_t kOutputs = 512;
  const int64_t most = std::clamp<int64_t>(kOutputs / g.out_width(), 1, g.out_height());
  const int64_t blocks = (g.out_height() + most - 1) / most;
  return (g.out_height() + blocks - 1) / blocks;
}

void gather_windows(const ConvGeometry& g, const WindowBlock& block, const float* x, float* to) {
  const int64_t width = g.out_width();
  for_each_tap_row(g, block, [&](const TapRow& row, int64_t at) {
    float* const into = to + at;
    const float* const from = x + row.pixel;
    std::fill(into, into + row.begin, 0.0f);
    if (g.stride == 1) {
      copy_floats(from, row.end - row.begin, into + row.begin);
    } else {
      for (int64_t i = row.begin; i < row.end; ++i) into[i] = from[(i - row.begin) * g.stride];
    }
    std::fill(into + row.end, into + width, 0.0f);
  });
}

void scatter_windows(const ConvGeometry& g, const WindowBlock& block, const float* columns,
                     float* dx) {
  for_each_tap_row(g, block, [&](const TapRow& row, int64_t at) {
    const float* const from = columns + at + row.begin;
    float* const into = dx + row.pixel;
    const int64_t count = row.end - row.begin;
    if (g.stride == 1) {
      for (int64_t i = 0; i < count; ++i) into[i] += from[i];
    } else {
      for (int64_t i = 0; i < count; ++i) into[i * g.stride] += from[i];
    }
  });
}

}  // namespace secateur
