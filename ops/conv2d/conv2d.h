#pragma once
// conv2d: 2-d convolution (correlation, as in every network library), without bias.
//   y[n, f, oy, ox] = sum over c, ky, kx of
//       w[f, c, ky, kx] * x[n, g * channels / groups + c, oy * stride + ky - top, ox * stride + kx
//       - left]
// with g = f * groups / filters the group of filter f, and x = 0 outside of its plane.
//   x [n, channels, h, w], w [filters, channels / groups, kh, kw] -> y [n, filters, oh, ow],
//   oh = (h + top + bottom - kh) / stride + 1 (rounded down), ow likewise.
// Depthwise: groups == channels == filters. Every padding is less than the kernel. Throws
// Error(kBadInput), before anything is allocated, when a shape or an option does not fit.
// vjp: the gradients of x and w, each only when wanted. Keeps x and w for backward, nothing else.
//
// Native paths: an element of y is the sum, in order, of chains of 25 fused multiply-adds over
// (c, ky, kx); a gradient of w is summed in 16 lanes over the columns of a few rows, then in double
// over the rows and the samples in their order. Kernels five columns wide over few channels have
// fewer products, and other sums (ops/conv2d/minimal.h). Other dense convolutions, and the gradient
// of x of few channels, are made by matrix products (ops/conv2d/product.h) or by oneDNN. The bits
// depend on the instruction set only where oneDNN is used, on the threads never.

#include <string_view>

#include "autograd/variable.h"
#include "ops/conv_geometry.h"

namespace secateur {

struct Padding2d {
  int64_t top = 0;
  int64_t left = 0;
  int64_t bottom = 0;
  int64_t right = 0;
};

struct Conv2dOptions {
  int64_t stride = 1;
  Padding2d padding = {};
  int64_t groups = 1;
};

Variable conv2d(const Variable& x, const Variable& w, const Conv2dOptions& options = {});

// The padding for which oh = h / stride (rounded up), and ow likewise; the odd element goes to the
// bottom and the right, as Keras has it: stride 2 on an even size with kernel 5 gives 1 and 2.
Padding2d same_padding(int64_t h, int64_t w, int64_t kernel, int64_t stride);

enum class Conv2dPath {
  kDepthwise,  // native
  kMinimal,    // native: as kDirect, five columns wide, with fewer multiply-adds
  kDirect,     // native: dense, few input channels; the gradient of x as below
  kProduct,    // native: everything else, when results are to be portable
  kOneDnn,     // everything else, when they are not (ops/backend/reproducibility.h)
};

// The path that conv2d takes for this shape with the reproducibility in force, and its name for the
// record of a run.
Conv2dPath conv2d_path(const ConvGeometry& geometry);
std::string_view conv2d_path_name(Conv2dPath path);

// The geometry of one sample; throws what conv2d throws.
ConvGeometry conv2d_geometry(const Shape& x, const Shape& w, const Conv2dOptions& options);

}  // namespace secateur
