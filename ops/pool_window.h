#pragma once
// The windows of the pooling operations: their options, their geometry and what is refused.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "tensor/parallel.h"
#include "tensor/shape.h"

namespace secateur {

struct Padding {
  int64_t top = 0;
  int64_t left = 0;
  int64_t bottom = 0;
  int64_t right = 0;
};

struct PoolOptions {
  int64_t kernel = 2;  // the window is square; 1 to 256 pixels
  int64_t stride = 2;
  Padding padding = {};  // each side smaller than the kernel, so every window sees the image
};

// Consecutive outputs [begin, end) along one axis whose tap lies inside the image.
struct TapRange {
  int64_t begin;
  int64_t end;
};

// The windows of one plane [height, width]. Output (oy, ox), tap (ky, kx) reads pixel
// (oy * stride + ky - top, ox * stride + kx - left).
struct PoolWindow {
  int64_t height, width, out_height, out_width;
  int64_t kernel, stride, top, left, bottom, right;

  // Throws Error unless x is [n, channels, h, w] and has at least one window in each direction.
  PoolWindow(std::string_view where, const Shape& x, const PoolOptions& options);

  int64_t pixels() const { return height * width; }
  int64_t outputs() const { return out_height * out_width; }
  // Rows of the window of output row oy that lie inside the image, as [begin, end) of ky.
  TapRange rows_inside(int64_t oy) const;
  TapRange columns_inside(int64_t ox) const;  // the same for columns
  // Outputs of a row whose tap kx lies inside the image.
  TapRange outputs_of_tap(int64_t kx) const;
};

// Calls body(begin, end) for consecutive blocks of [0, planes), in parallel. A block holds about
// 2^16 pixels, by the shape alone.
template <class Body>
void for_each_plane_block(const PoolWindow& window, int64_t planes, const Body& body) {
  const int64_t block = std::max<int64_t>(16, (1 << 16) / window.pixels() / 16 * 16);
  parallel_for((planes + block - 1) / block,
               [&](int64_t i) { body(i * block, std::min(planes, (i + 1) * block)); });
}

}  // namespace secateur
