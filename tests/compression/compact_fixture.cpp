#include "tests/compression/compact_fixture.h"

namespace secateur {

std::vector<NamedArchitecture> every_architecture() {
  const InputSpec small{.height = 16, .width = 20};
  InputSpec other_mean = small;
  other_mean.mean = {1.5f, -2.25f, 100.0f};
  std::vector<NamedArchitecture> all;
  all.push_back({"student", student_architecture({5, 4, 3, 3, 2}, small)});
  all.push_back({"student_outputs", student_architecture({4, 3, 3, 3, 3}, other_mean, 3)});
  Architecture shared = student_architecture({6, 5, 4, 4, 3}, small, 4);
  shared.readout.kind = ReadoutKind::kFactorised;
  all.push_back({"factorised", shared});
  all.push_back(
      {"member", member_architecture({.stem = 4, .width = 6, .middle = 3, .residual_blocks = 2},
                                     {.height = 32, .width = 32}, 3)});
  Architecture mixed{.input = small, .blocks = {}, .readout = {}};
  mixed.blocks.push_back({.kind = BlockKind::kPointwise,
                          .name = "colour",
                          .filters = 3,
                          .kernel = 1,
                          .activation = Activation::kLinear});
  mixed.blocks.push_back(
      {.kind = BlockKind::kConv, .name = "a", .filters = 4, .kernel = 7, .stride = 3});
  mixed.blocks.push_back(
      {.kind = BlockKind::kConv, .name = "layer2", .filters = 3, .kernel = 3, .norm = Norm::kNone});
  all.push_back({"mixed", mixed});
  return all;
}

Model lively_model(const Architecture& architecture, uint64_t seed) {
  Model model(architecture, seed);
  for (const ParameterSpec& spec : model.specs()) {
    if (spec.role == ParameterRole::kKernel) continue;
    Rng rng(seed, "lively/" + spec.name);
    const bool positive =
        spec.role == ParameterRole::kMovingVariance || spec.role == ParameterRole::kGamma;
    for (float& value : model.tensor(spec.name).values()) {
      value = static_cast<float>(positive ? rng.uniform(0.5, 2.0) : rng.uniform(-0.5, 0.5));
    }
  }
  std::vector<double> offset, gain;
  for (int64_t i = 0; i < architecture.readout.outputs; ++i) {
    offset.push_back(0.1 * static_cast<double>(i) + 1.0 / 3.0);
    gain.push_back(2.0 + static_cast<double>(i));
  }
  model.set_output_scale(offset, gain);
  return model;
}

Tensor blob_images(const InputSpec& input, int64_t count, uint64_t seed) {
  Tensor images(Shape{count, 3, input.height, input.width});
  for (int64_t n = 0; n < count; ++n) {
    Rng rng(seed, "blob images", static_cast<uint64_t>(n));
    for (int64_t c = 0; c < 3; ++c) {
      const double cx = rng.uniform(0, static_cast<double>(input.width));
      const double cy = rng.uniform(0, static_cast<double>(input.height));
      const double height = rng.uniform(-100, 100);
      const double width = rng.uniform(1.5, 6.0);
      float* const plane = images.data() + (n * 3 + c) * input.height * input.width;
      for (int64_t y = 0; y < input.height; ++y) {
        for (int64_t x = 0; x < input.width; ++x) {
          const double dx = (static_cast<double>(x) - cx) / width;
          const double dy = (static_cast<double>(y) - cy) / width;
          plane[y * input.width + x] =
              static_cast<float>(height * std::exp(-dx * dx - dy * dy) + rng.uniform(-10, 10));
        }
      }
    }
  }
  return images;
}

CompactModel quick_compact(const Model& folded, bool transform, int global_step) {
  std::vector<TensorPlan> plans;
  for (const ParameterSpec& spec : folded.specs()) {
    const TensorLayout layout = layout_of(spec);
    Rng rng(9, "importance/" + spec.name);
    std::vector<double> importance(static_cast<size_t>(spec.shape.numel()));
    for (double& value : importance) value = std::exp(2.0 * rng.normal());
    plans.push_back(
        plan_steps(layout, transform && layout.transformable() ? Transform::kDct : Transform::kNone,
                   importance));
  }
  return quantise(folded, plans, global_step);
}

}  // namespace secateur
