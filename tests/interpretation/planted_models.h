#pragma once
// Models of which it is known what they respond to.

#include <algorithm>
#include <vector>

#include "data/simulated/filters.h"
#include "models/model.h"

namespace secateur {

// One rectified convolution of an odd kernel [3, side, side], read at the places of `weights`
// [h, w] with these weights.
inline Model planted_model(const Tensor& kernel, const Tensor& weights, float threshold = 0,
                           Activation activation = Activation::kRelu) {
  Architecture a;
  a.input = {.height = weights.dim(0), .width = weights.dim(1)};
  a.blocks = {{.kind = BlockKind::kConv,
               .name = "layer0",
               .filters = 1,
               .kernel = kernel.dim(1),
               .norm = Norm::kNone,
               .activation = activation}};
  Model model(a, 1);
  std::ranges::copy(kernel.values(), model.tensor("layer0.conv.weight").data());
  model.tensor("layer0.conv.bias").fill(-threshold);
  std::ranges::copy(weights.values(), model.tensor("readout.weight").data());
  model.tensor("readout.bias").fill(0);
  return model;
}

inline Tensor only_at(int64_t height, int64_t width, int64_t y, int64_t x) {
  Tensor weights = Tensor::zeros(Shape{height, width});
  weights[y * width + x] = 1;
  return weights;
}

// Dark discs of `radius` in a lighter ring of the same area: the sum is 0.
inline Tensor dark_dot_kernel(int64_t side, double radius) {
  Tensor kernel = Tensor::zeros(Shape{3, side, side});
  const int64_t middle = side / 2;
  double inside = 0, ring = 0;
  const auto squared = [&](int64_t i) {
    const int64_t y = i / side % side - middle, x = i % side - middle;
    return static_cast<double>(y * y + x * x);
  };
  for (int64_t i = 0; i < kernel.numel(); ++i) {
    inside += squared(i) <= radius * radius;
    ring += squared(i) > radius * radius && squared(i) <= 2 * radius * radius;
  }
  for (int64_t i = 0; i < kernel.numel(); ++i) {
    if (squared(i) <= radius * radius)
      kernel[i] = static_cast<float>(-1 / inside);
    else if (squared(i) <= 2 * radius * radius)
      kernel[i] = static_cast<float>(1 / ring);
  }
  return kernel;
}

}  // namespace secateur
