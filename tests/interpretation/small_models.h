#pragma once
// Small models and pixels for tests of interpretation.

#include <string>

#include "models/model.h"
#include "tensor/rng.h"

namespace secateur {

inline InputSpec small_input(int64_t side = 16) {
  InputSpec input;
  input.height = side;
  input.width = side;
  return input;
}

// Batch norms and biases that matter, so that ReLUs cut and channels differ.
inline Model unlike_fresh(Model model, uint64_t seed) {
  uint64_t index = 0;
  for (const ParameterSpec& spec : model.specs()) {
    Rng rng(seed, "test/interpretation/parameters", index++);
    if (spec.role == ParameterRole::kKernel) continue;
    const bool variance = spec.role == ParameterRole::kMovingVariance;
    const bool gamma = spec.role == ParameterRole::kGamma;
    for (float& v : model.tensor(spec.name).values()) {
      v = static_cast<float>(variance || gamma ? rng.uniform(0.5, 2) : rng.uniform(-0.3, 0.3));
    }
  }
  return model;
}

// Filters 4, 5, 3, 4, 3: a student, its responses in spikes.
inline Model small_student(uint64_t seed = 7) {
  Model model =
      unlike_fresh(Model(student_architecture({4, 5, 3, 4, 3}, small_input()), seed), seed);
  model.set_output_scale({3.0}, {2.0});
  return model;
}

inline Tensor random_pixels(int64_t count, int64_t side = 16, uint64_t seed = 3) {
  Tensor pixels(Shape{count, 3, side, side});
  Rng rng(seed, "test/interpretation/pixels", 0);
  for (float& v : pixels.values()) v = static_cast<float>(rng.below(256));
  return pixels;
}

}  // namespace secateur
