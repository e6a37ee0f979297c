#include "ops/pool_window.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {
namespace {

TapRange inside(int64_t first_pixel, int64_t kernel, int64_t extent) {
  return {std::max<int64_t>(0, -first_pixel), std::min(kernel, extent - first_pixel)};
}

}  // namespace

PoolWindow::PoolWindow(std::string_view where, const Shape& x, const PoolOptions& options) {
  require(x.rank() == 4, where, "wanted x [n, channels, h, w], got {}", x);
  require(options.kernel >= 1 && options.kernel <= 256 && options.stride >= 1, where,
          "wanted a kernel of 1 to 256 and a stride of at least 1, got {} and {}", options.kernel,
          options.stride);
  const Padding& p = options.padding;
  const auto [least, most] = std::minmax({p.top, p.left, p.bottom, p.right});
  require(least >= 0 && most < options.kernel, where,
          "wanted padding of 0 to {} on each side (less than the kernel), got top {}, left {}, "
          "bottom {}, right {}",
          options.kernel - 1, p.top, p.left, p.bottom, p.right);
  const int64_t padded_height = x[2] + p.top + p.bottom;
  const int64_t padded_width = x[3] + p.left + p.right;
  require(x[2] >= 1 && x[3] >= 1 && options.kernel <= std::min(padded_height, padded_width), where,
          "wanted an image that holds a window of {} x {} with its padding, got x {}",
          options.kernel, options.kernel, x);
  height = x[2];
  width = x[3];
  kernel = options.kernel;
  stride = options.stride;
  top = p.top;
  left = p.left;
  bottom = p.bottom;
  right = p.right;
  out_height = (padded_height - kernel) / stride + 1;
  out_width = (padded_width - kernel) / stride + 1;
}

TapRange PoolWindow::rows_inside(int64_t oy) const {
  return inside(oy * stride - top, kernel, height);
}

TapRange PoolWindow::columns_inside(int64_t ox) const {
  return inside(ox * stride - left, kernel, width);
}

TapRange PoolWindow::outputs_of_tap(int64_t kx) const {
  // 0 <= ox * stride + kx - left < width
  const int64_t begin = kx >= left ? 0 : (left - kx + stride - 1) / stride;
  const int64_t past = width + left - kx;  // ox * stride must be smaller
  const int64_t end = past <= 0 ? 0 : std::min(out_width, (past + stride - 1) / stride);
  return {begin, std::max(begin, end)};
}

}  // namespace secateur
