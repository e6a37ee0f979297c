#pragma once
// The first value of every parameter, each of which can be drawn again alone.

#include <optional>
#include <string>

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

// Of a kernel's element: uniform in [-limit, limit), from the stream (seed, purpose) at a position
// counted in 32-bit words.
struct InitialDraw {
  std::string purpose;  // "initialisation/layer3.pointwise.weight"
  uint64_t position = 0;
  double limit = 0;  // sqrt(6 / (fan_in + fan_out)), Glorot and Bengio 2010
};

// Nothing for what is not drawn: biases, betas and moving means begin at 0, gammas and moving
// variances at 1. `index` is flat.
std::optional<InitialDraw> initial_draw(const ParameterSpec& spec, int64_t index);
float initial_element(const ParameterSpec& spec, int64_t index, uint64_t seed);
// initial_element() of every element.
Tensor initial_value(const ParameterSpec& spec, uint64_t seed);

}  // namespace secateur
