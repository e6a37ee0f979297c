#include "ops/conv2d/conv2d.h"

#include <algorithm>
#include <utility>

#include "ops/backend/onednn_conv.h"
#include "ops/backend/reproducibility.h"
#include "ops/conv2d/direct.h"
#include "ops/conv2d/minimal.h"
#include "ops/conv2d/product.h"
#include "ops/depthwise/depthwise_conv.h"
#include "ops/sample_sum.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Gradients of w that exist at a time on the dense paths: they may be as large as the weights of
// the teacher.
constexpr int64_t kPartialSums = 8;

// A dense convolution of one sample.
struct DenseConv {
  void (*forward)(const ConvGeometry& g, const float* x, const float* w, float* y);
  void (*backward_data)(const ConvGeometry& g, const float* w, const float* dy, float* dx);
  void (*backward_weights)(const ConvGeometry& g, const float* x, const float* dy, float* dw);
};

DenseConv dense_conv() {
  if (reproducibility() == Reproducibility::kPortable) {
    return {product_conv_forward, product_conv_backward_data, product_conv_backward_weights};
  }
  return {onednn_conv_forward, onednn_conv_backward_data, onednn_conv_backward_weights};
}

void dense_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                   float* y) {
  const DenseConv dense = dense_conv();
  parallel_for(samples,
               [&](int64_t i) { dense.forward(g, x + i * g.x_numel(), w, y + i * g.y_numel()); });
}

void dense_backward_data(const ConvGeometry& g, int64_t samples, const float* w, const float* dy,
                         float* dx) {
  const DenseConv dense = dense_conv();
  parallel_for(samples, [&](int64_t i) {
    dense.backward_data(g, w, dy + i * g.y_numel(), dx + i * g.x_numel());
  });
}

void dense_backward_weights(const ConvGeometry& g, int64_t samples, const float* x, const float* dy,
                            float* dw) {
  const int64_t per_block = (samples + kPartialSums - 1) / kPartialSums;
  const int64_t blocks = samples == 0 ? 0 : (samples + per_block - 1) / per_block;
  Tensor partial(Shape{blocks, g.w_numel()});
  const DenseConv dense = dense_conv();
  parallel_for(blocks, [&](int64_t block) {
    float* const sum = partial.data() + block * g.w_numel();
    Tensor term(Shape{per_block > 1 ? g.w_numel() : 0});
    for (int64_t i = block * per_block; i < std::min(samples, (block + 1) * per_block); ++i) {
      const bool first = i == block * per_block;
      dense.backward_weights(g, x + i * g.x_numel(), dy + i * g.y_numel(),
                             first ? sum : term.data());
      for (int64_t k = 0; !first && k < g.w_numel(); ++k) sum[k] += term[k];
    }
  });
  sum_over_samples(partial, g.w_numel(), dw);
}

void forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w, float* y) {
  switch (conv2d_path(g)) {
    case Conv2dPath::kDepthwise:
      return depthwise_forward(g, samples, x, w, y);
    case Conv2dPath::kMinimal:
      return minimal_forward(g, samples, x, w, y);
    case Conv2dPath::kDirect:
      return direct_forward(g, samples, x, w, y);
    case Conv2dPath::kProduct:
    case Conv2dPath::kOneDnn:
      return dense_forward(g, samples, x, w, y);
  }
}

// A null dx or dw is not wanted.
void backward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
              const float* dy, float* dx, float* dw) {
  const Conv2dPath path = conv2d_path(g);
  if (path == Conv2dPath::kDepthwise) return depthwise_backward(g, samples, x, w, dy, dx, dw);
  if (dx != nullptr) dense_backward_data(g, samples, w, dy, dx);
  if (dw == nullptr) return;
  if (path == Conv2dPath::kMinimal) return minimal_backward_weights(g, samples, x, dy, dw);
  if (path == Conv2dPath::kDirect) return direct_backward_weights(g, samples, x, dy, dw);
  dense_backward_weights(g, samples, x, dy, dw);
}

}  // namespace

Variable conv2d(const Variable& x, const Variable& w, const Conv2dOptions& options) {
  const ConvGeometry g = conv2d_geometry(x.shape(), w.shape(), options);
  const int64_t samples = x.shape()[0];
  Tensor y(Shape{samples, g.filters, g.out_height(), g.out_width()});
  forward(g, samples, x.value().data(), w.value().data(), y.data());
  return record(y, {x, w}, [x, w, g, samples](const Tensor& dy) {
    Tensor dx, dw;
    if (x.requires_grad()) dx = Tensor(x.shape());
    if (w.requires_grad()) dw = Tensor(w.shape());
    backward(g, samples, x.value().data(), w.value().data(), dy.data(),
             x.requires_grad() ? dx.data() : nullptr, w.requires_grad() ? dw.data() : nullptr);
    if (x.requires_grad()) x.add_grad(std::move(dx));
    if (w.requires_grad()) w.add_grad(std::move(dw));
  });
}

}  // namespace secateur
