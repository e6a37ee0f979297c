#include "models/initialisation.h"

#include <cmath>

#include "tensor/rng.h"

namespace secateur {
namespace {

constexpr uint64_t kWordsPerDraw = 2;  // of Rng::uniform()

InitialDraw draw_of(const ParameterSpec& spec, int64_t index) {
  return {.purpose = "initialisation/" + spec.name,
          .position = kWordsPerDraw * static_cast<uint64_t>(index),
          .limit = std::sqrt(6.0 / static_cast<double>(spec.fan_in + spec.fan_out))};
}

float constant_of(ParameterRole role) {
  const bool one = role == ParameterRole::kGamma || role == ParameterRole::kMovingVariance;
  return one ? 1.0f : 0.0f;
}

}  // namespace

std::optional<InitialDraw> initial_draw(const ParameterSpec& spec, int64_t index) {
  if (spec.role != ParameterRole::kKernel) return std::nullopt;
  return draw_of(spec, index);
}

float initial_element(const ParameterSpec& spec, int64_t index, uint64_t seed) {
  if (spec.role != ParameterRole::kKernel) return constant_of(spec.role);
  const InitialDraw draw = draw_of(spec, index);
  Rng rng(seed, draw.purpose);
  rng.seek(draw.position);
  return static_cast<float>(rng.uniform(-draw.limit, draw.limit));
}

Tensor initial_value(const ParameterSpec& spec, uint64_t seed) {
  if (spec.role != ParameterRole::kKernel) return Tensor::full(spec.shape, constant_of(spec.role));
  const InitialDraw first = draw_of(spec, 0);
  Rng rng(seed, first.purpose);
  Tensor kernel(spec.shape);
  for (float& v : kernel.values()) {
    v = static_cast<float>(rng.uniform(-first.limit, first.limit));
  }
  return kernel;
}

}  // namespace secateur
