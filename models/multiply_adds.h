#pragma once
// The arithmetic behind one image, from the shapes alone.

#include "models/architecture.h"

namespace secateur {

// Multiply-adds of convolutions, pointwise products and readouts; what is done once per pixel
// (biases, normalisation, activations) is not counted. Every gradient costs as much as the value;
// the first block needs none for the image.
struct Work {
  int64_t forward = 0;
  int64_t backward = 0;
  int64_t step() const { return forward + backward; }
};

Work multiply_adds(const Architecture& architecture);

}  // namespace secateur
