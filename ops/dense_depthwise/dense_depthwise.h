#pragma once
// dense_depthwise: a dense convolution with bias and activation and the depthwise convolution
// behind it, for prediction, without gradients:
//   z[n, f] = act(sum_c w[f, c] * x[n, c] + b[f])    act(a) = max(a, 0) with relu, else a
//   y[n, f] = v[f] * z[n, f]                         or z[n, f] when v has no elements
// with * a correlation with zeros around its input, as conv2d has it.
//   x [n, channels, h, w], w [filters, channels, kh, kw], b [filters], v [filters, 1, kh', kw']
// The planes z of a few filters are made and used while they lie in the second cache; they never
// reach memory. For 1 x 1 products and for convolutions of few channels.
//
// An element of z is the sum, in order, of chains of 25 fused multiply-adds over (c, ky, kx), then
// the bias; an element of y is one chain over (ky, kx). Convolutions five columns wide in front of
// a depthwise one of stride 2 make z in fours, with fewer multiply-adds (minimal_conv.h). The bits
// depend neither on the threads, nor on the number of samples, nor on `isa`. Throws Error when a
// shape or a window does not fit.

#include <memory>
#include <span>

#include "ops/vector/isa.h"
#include "tensor/tensor.h"

namespace secateur {

struct Window {
  int64_t stride = 1;
  int64_t top = 0;  // rows and columns of zeros, each less than the kernel
  int64_t left = 0;
  int64_t bottom = 0;
  int64_t right = 0;
};

struct DenseDepthwiseOptions {
  Window dense = {};
  bool relu = true;
  Window depthwise = {};
};

class DenseDepthwise {
 public:
  // x: the shape [channels, h, w] of one sample.
  DenseDepthwise(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v,
                 const DenseDepthwiseOptions& options, Isa isa = active_isa());

  const Shape& x_shape() const;  // [channels, h, w]
  const Shape& y_shape() const;  // [filters, oh, ow]

  struct Plan;
  const Plan& plan() const { return *plan_; }

 private:
  std::shared_ptr<const Plan> plan_;
};

// Step after step: x [n, channels, h, w] of the first to y of the last. Few samples are cut into
// groups of filters, so that all threads help one sample; of many samples, each goes through all
// steps on one thread. Throws Error when x does not fit the first step, or one step the next.
Tensor dense_depthwise(std::span<const DenseDepthwise> steps, const Tensor& x);

}  // namespace secateur
