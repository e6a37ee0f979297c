#pragma once
// A network of convolutions that is only evaluated, as a list of steps: what a convolution, the
// bias, a map that is added and the ReLU behind it are in one.

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// One step, which makes a map out of maps: map 0 is the image, map i + 1 what step i gives.
struct FrozenStep {
  enum class Kind { kConvolution, kMaxPool };
  Kind kind = Kind::kConvolution;
  int64_t from = 0;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;  // on every side: zeros for a convolution, nothing for a maximum
  // Of a convolution.
  Tensor weight = {};  // [filters, channels, kernel, kernel]
  Tensor bias = {};    // [filters]
  int64_t added = -1;  // a map of the same shape that is added before the ReLU; -1: none
  bool relu = true;
};

// Shape [channels, height, width] of every map, the image first. Throws Error(kBadInput) for steps
// that do not fit together: a map that is not there yet, weights, biases or an added map of another
// shape, a window larger than the map with its padding.
std::vector<Shape> frozen_shapes(const Shape& image, const std::vector<FrozenStep>& steps);

}  // namespace secateur
