#pragma once
// Numbers for kernels that no case of the contract draws for.

#include "tensor/rng.h"
#include "tensor/tensor.h"

namespace secateur {

// From -1 to 1, others for every index.
inline Tensor draw(const Shape& shape, uint64_t index) {
  Rng rng(7, "tests/ops", index);
  Tensor tensor(shape);
  for (float& v : tensor.values()) v = static_cast<float>(rng.uniform(-1, 1));
  return tensor;
}

}  // namespace secateur
