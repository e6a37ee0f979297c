#pragma once
// Models whose biases, batch norms and statistics are not trivial, and images for them.

#include <algorithm>
#include <cmath>
#include <string>

#include "models/model.h"
#include "tensor/rng.h"

namespace secateur {

inline const InputSpec kSmallInput{.height = 16, .width = 12};

inline Model lively_model(const Architecture& architecture, uint64_t seed) {
  Model model(architecture, seed);
  for (const ParameterSpec& spec : model.specs()) {
    if (spec.role == ParameterRole::kKernel) continue;
    Rng rng(seed, "lively/" + spec.name);
    const bool positive = spec.role == ParameterRole::kMovingVariance;
    for (float& v : model.tensor(spec.name).values()) {
      v = static_cast<float>(positive ? rng.uniform(0.2, 3.0) : rng.uniform(-1.0, 1.0));
    }
  }
  return model;
}

inline Tensor random_images(const InputSpec& input, int64_t count, uint64_t seed,
                            double spread = 1.0) {
  Tensor images(Shape{count, input.channels, input.height, input.width});
  Rng rng(seed, "random images");
  for (float& v : images.values()) v = static_cast<float>(spread * rng.normal());
  return images;
}

inline Tensor answers_of(const Model& model, const Tensor& images) {
  return model.frozen().forward(Variable(images), Mode::kEvaluation).value();
}

// Largest difference over the largest magnitude of `wanted`; NaN when one is.
inline double relative_difference(const Tensor& got, const Tensor& wanted) {
  if (got.shape() != wanted.shape() || !got.all_finite()) return NAN;
  double difference = 0;
  double largest = 0;
  for (int64_t i = 0; i < got.numel(); ++i) {
    difference = std::max(difference, std::abs(double{got[i]} - wanted[i]));
    largest = std::max(largest, std::abs(double{wanted[i]}));
  }
  return largest > 0 ? difference / largest : difference;
}

}  // namespace secateur
