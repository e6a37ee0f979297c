#include <algorithm>

#include "ops/backend/reproducibility.h"
#include "ops/conv2d/conv2d.h"
#include "ops/conv2d/minimal.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kLargestExtent = 1 << 20;  // far above any image; products stay in an int64_t

void require_extents(const char* name, const Shape& shape, int first_axis) {
  for (int axis = first_axis; axis < 4; ++axis) {
    require(shape[axis] >= 1 && shape[axis] <= kLargestExtent, "conv2d",
            "wanted {} with extents of 1 to {}, got {}", name, kLargestExtent, shape);
  }
}

void require_shapes(const Shape& x, const Shape& w, const Conv2dOptions& options) {
  require(x.rank() == 4, "conv2d", "wanted x [n, c, h, w], got {}", x);
  require(w.rank() == 4, "conv2d", "wanted w [filters, c / groups, kh, kw], got {}", w);
  require_extents("x", x, 1);
  require_extents("w", w, 0);
  const int64_t groups = options.groups;
  require(groups >= 1 && x[1] % groups == 0 && w[0] % groups == 0, "conv2d",
          "wanted groups that divide {} channels and {} filters, got {}", x[1], w[0], groups);
  require(w[1] == x[1] / groups, "conv2d", "wanted w [filters, {}, kh, kw], got {}", x[1] / groups,
          w);
}

void require_window(const Shape& x, const Shape& w, const Conv2dOptions& options) {
  require(options.stride >= 1 && options.stride <= kLargestExtent, "conv2d",
          "wanted a stride of at least 1, got {}", options.stride);
  const Padding2d& p = options.padding;
  const bool fits = std::min({p.top, p.left, p.bottom, p.right}) >= 0 &&
                    std::max(p.top, p.bottom) < w[2] && std::max(p.left, p.right) < w[3];
  require(fits, "conv2d",
          "wanted padding of at least 0 and less than the kernel [{}, {}], got top {}, left {}, "
          "bottom {}, right {}",
          w[2], w[3], p.top, p.left, p.bottom, p.right);
  const int64_t height = x[2] + p.top + p.bottom;
  const int64_t width = x[3] + p.left + p.right;
  require(height >= w[2] && width >= w[3], "conv2d",
          "wanted a kernel within the padded input [{}, {}], got [{}, {}]", height, width, w[2],
          w[3]);
}

int64_t same_total(int64_t extent, int64_t kernel, int64_t stride) {
  const int64_t out = (extent + stride - 1) / stride;
  return std::max<int64_t>(0, (out - 1) * stride + kernel - extent);
}

}  // namespace

ConvGeometry conv2d_geometry(const Shape& x, const Shape& w, const Conv2dOptions& options) {
  require_shapes(x, w, options);
  require_window(x, w, options);
  return {.channels = x[1],
          .height = x[2],
          .width = x[3],
          .filters = w[0],
          .kernel_h = w[2],
          .kernel_w = w[3],
          .stride = options.stride,
          .pad_top = options.padding.top,
          .pad_left = options.padding.left,
          .pad_bottom = options.padding.bottom,
          .pad_right = options.padding.right,
          .groups = options.groups};
}

Padding2d same_padding(int64_t h, int64_t w, int64_t kernel, int64_t stride) {
  require(std::min({h, w, kernel, stride}) >= 1, "conv2d",
          "wanted same_padding of extents of at least 1, got h {}, w {}, kernel {}, stride {}", h,
          w, kernel, stride);
  const int64_t rows = same_total(h, kernel, stride);
  const int64_t columns = same_total(w, kernel, stride);
  return {.top = rows / 2,
          .left = columns / 2,
          .bottom = rows - rows / 2,
          .right = columns - columns / 2};
}

Conv2dPath conv2d_path(const ConvGeometry& g) {
  if (g.depthwise() && g.groups > 1) return Conv2dPath::kDepthwise;
  if (minimal_fits(g)) return Conv2dPath::kMinimal;
  if (g.groups == 1 && g.channels <= 4) return Conv2dPath::kDirect;
  return reproducibility() == Reproducibility::kPortable ? Conv2dPath::kProduct
                                                         : Conv2dPath::kOneDnn;
}

std::string_view conv2d_path_name(Conv2dPath path) {
  switch (path) {
    case Conv2dPath::kDepthwise:
      return "native depthwise";
    case Conv2dPath::kMinimal:
      return "native minimal filtering";
    case Conv2dPath::kDirect:
      return "native direct";
    case Conv2dPath::kProduct:
      return "native product";
    default:
      return "oneDNN";
  }
}

}  // namespace secateur
