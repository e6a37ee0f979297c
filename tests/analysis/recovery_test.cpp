#include "analysis/recovery.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/simulated/neurons.h"
#include "data/simulated/stimulus_images.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using simulated::NeuronCircuit;

constexpr int kSize = 32;
// Added to every first-layer filter of a planted model, so that its ReLU never cuts.
constexpr float kLift = 600;

Architecture two_layers(int64_t first, int64_t second) {
  Architecture architecture;
  architecture.input.height = kSize;
  architecture.input.width = kSize;
  architecture.blocks = {{.kind = BlockKind::kConv,
                          .name = "layer0",
                          .filters = first,
                          .kernel = 5,
                          .norm = Norm::kNone},
                         {.kind = BlockKind::kSeparable,
                          .name = "layer1",
                          .filters = second,
                          .kernel = 5,
                          .norm = Norm::kNone}};
  return architecture;
}

void set_noise(Tensor tensor, uint64_t index) {
  Rng rng(5, "test/recovery", index);
  for (float& v : tensor.values()) v = static_cast<float>(rng.normal());
}

// Which of two taps at -2 and +2 makes offset d of -4..4, and where the other layer's tap then is.
int corner_of(int64_t d) { return d < 0 ? 0 : 1; }

// A model whose layer-1 filter 0 answers max(0, patch applied to the image), and whose response is
// `weight` times the sum of that over the circuit's receptive field. Layer 0 moves each colour by 2
// pixels to a corner; the 5 x 5 depthwise kernels of the four corners together make 9 x 9. Filter 1
// is noise that nothing reads.
Model planted_model(const NeuronCircuit& circuit, const Tensor& patch, float weight) {
  Model model(two_layers(12, 2), 3);
  for (const char* name : {"layer0.conv.weight", "layer1.depthwise.weight", "readout.weight"}) {
    model.tensor(name).fill(0.0f);
  }
  Tensor& kernel = model.tensor("layer0.conv.weight");
  Tensor& depthwise = model.tensor("layer1.depthwise.weight");
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t corner = 0; corner < 4; ++corner) {
      const int64_t g = c * 4 + corner;
      kernel[((g * 3 + c) * 5 + corner / 2 * 4) * 5 + corner % 2 * 4] = 1;
    }
    for (int64_t y = -4; y <= 4; ++y) {
      for (int64_t x = -4; x <= 4; ++x) {
        const int64_t g = c * 4 + corner_of(y) * 2 + corner_of(x);
        const int64_t uy = y - (corner_of(y) == 1 ? 2 : -2) + 2;
        const int64_t ux = x - (corner_of(x) == 1 ? 2 : -2) + 2;
        depthwise[(g * 5 + uy) * 5 + ux] = patch[(c * 9 + y + 4) * 9 + x + 4];
      }
    }
  }
  model.tensor("layer0.conv.bias").fill(kLift);
  Tensor& mixing = model.tensor("layer1.pointwise.weight");
  set_noise(mixing, 1);
  double lifted = 0;
  for (const float v : depthwise.values()) lifted += kLift * double{v};
  for (int64_t g = 0; g < 12; ++g) mixing[g] = 1;
  model.tensor("layer1.pointwise.bias").fill(0.0f);
  model.tensor("layer1.pointwise.bias")[0] = static_cast<float>(-lifted);
  Tensor& readout = model.tensor("readout.weight");
  for (int64_t i = 0; i < kSize * kSize; ++i) {
    const double dy = static_cast<double>(i / kSize) - circuit.centre_y;
    const double dx = static_cast<double>(i % kSize) - circuit.centre_x;
    const double s = circuit.pooling_sigma;
    readout[i] = weight * static_cast<float>(std::exp(-(dy * dy + dx * dx) / (2 * s * s)));
  }
  return model;
}

NeuronCircuit circuit_named(const std::string& name) {
  for (const NeuronCircuit& circuit : simulated::uncalibrated_population(kSize)) {
    if (circuit.name == name) return circuit;
  }
  throw Error(ErrorKind::kUsage, "no such circuit");
}

ImageSourcePtr images() { return simulated::stimulus_images(9, 0, 100, kSize); }

TEST(EffectiveFilters, LayerOneIsTheCompositionOfTheKernels) {
  Model model(student_architecture({3, 4, 2, 2, 2}, {.height = kSize, .width = kSize}), 8);
  set_noise(model.tensor("layer0.bn.gamma"), 2);
  const std::vector<EffectiveFilter> filters = effective_filters(model);
  ASSERT_EQ(filters.size(), 7u);
  EXPECT_EQ(filters[2].patch.shape(), Shape({3, 5, 5}));
  EXPECT_EQ(filters[3].layer, 1u);
  ASSERT_EQ(filters[3].patch.shape(), Shape({3, 9, 9}));
  // The first layer's filter folded, then layer 1 on an impulse of one colour, by hand.
  const Model folded = fold_batch_norm(model);
  const Tensor& kernel = folded.tensor("layer0.conv.weight");
  const Tensor& depthwise = folded.tensor("layer1.depthwise.weight");
  const Tensor& mixing = folded.tensor("layer1.pointwise.weight");
  for (int64_t f = 0; f < 4; ++f) {
    const Tensor& patch = filters[static_cast<size_t>(3 + f)].patch;
    double error = 0;
    for (int64_t i = 0; i < patch.numel(); ++i) {
      const int64_t c = i / 81, y = i / 9 % 9, x = i % 9;
      double want = 0;
      for (int64_t g = 0; g < 3; ++g) {
        for (int64_t q = 0; q < 25; ++q) {
          const int64_t uy = y - q / 5, ux = x - q % 5;
          if (uy < 0 || uy > 4 || ux < 0 || ux > 4) continue;
          want += double{mixing[f * 3 + g]} * depthwise[(g * 5 + uy) * 5 + ux] *
                  kernel[(g * 3 + c) * 25 + q];
        }
      }
      error = std::max(error, std::abs(want - patch[i]));
    }
    EXPECT_LE(error, 1e-4) << "filter " << f;
  }
}

TEST(BestCosine, FindsAMovedAndANegatedCopyButNotATurnedOne) {
  const simulated::FilterSpec spec{
      .kind = simulated::FilterKind::kEdge, .side = 7, .sigma = 1.2, .stretch = 2};
  const Tensor small = simulated::filter_patch(spec);
  Tensor moved = Tensor::zeros({3, 11, 11});
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = 0; y < 7; ++y) {
      for (int64_t x = 0; x < 7; ++x) {
        moved[(c * 11 + y + 3) * 11 + x + 4] = -2 * small[(c * 7 + y) * 7 + x];
      }
    }
  }
  EXPECT_NEAR(best_cosine(moved, small), 1, 1e-6);
  EXPECT_NEAR(best_cosine(small, moved), 1, 1e-6);
  simulated::FilterSpec turned = spec;
  turned.direction = 90;
  EXPECT_LE(best_cosine(small, simulated::filter_patch(turned)), 0.6);
  EXPECT_EQ(best_cosine(small, Tensor::zeros({3, 9, 9})), 0);
}

TEST(WithoutFilter, LeavesTheFilterUnread) {
  const Model model(student_architecture({3, 4, 2, 2, 2}, {.height = kSize, .width = kSize}), 8);
  for (size_t layer = 0; layer < 5; ++layer) {
    Model masked = without_filter(model, layer, 1);
    const std::string name = masked.architecture().blocks[layer].name;
    const Tensor probe = Tensor::full({1, 3, kSize, kSize}, 30.0f);
    const float before = Predictor(masked)(probe)[0];
    masked.tensor(name + ".bn.beta")[1] = 7;  // would change a filter that is read
    EXPECT_EQ(Predictor(masked)(probe)[0], before) << name;
    masked.tensor(name + ".bn.beta")[0] = 7;
    EXPECT_NE(Predictor(masked)(probe)[0], before) << name;
  }
  EXPECT_THROW(without_filter(model, 1, 4), Error);
}

TEST(Recovery, FindsAPlantedPartWithItsSign) {
  const NeuronCircuit circuit = circuit_named("oriented edge");
  const Tensor patch = simulated::filter_patch(circuit.parts[0].filter);
  const Recovery recovery =
      recover_parts(planted_model(circuit, patch, 0.01f), circuit, *images(), 1);
  ASSERT_EQ(recovery.parts.size(), 1u);
  const RecoveredPart& part = recovery.parts[0];
  EXPECT_NEAR(part.cosine, 1, 1e-5);
  EXPECT_GE(part.chance, 0.1);
  EXPECT_LE(part.chance, 0.95);
  EXPECT_EQ(part.layer, 1u);
  EXPECT_EQ(part.filter, 0);
  EXPECT_GE(part.change, 1e-6);
  EXPECT_GE(part.change_correlation, 0.95);
  EXPECT_TRUE(part.sign_agrees);
  EXPECT_TRUE(part.found);
  EXPECT_EQ(recovery.filters_compared, 2);
  EXPECT_EQ(recovery.filters_without_part, 1);
}

TEST(Recovery, APartUsedWithTheWrongSignIsNotFound) {
  const NeuronCircuit circuit = circuit_named("oriented edge");
  const Tensor patch = simulated::filter_patch(circuit.parts[0].filter);
  const Recovery recovery =
      recover_parts(planted_model(circuit, patch, -0.01f), circuit, *images(), 1);
  EXPECT_NEAR(recovery.parts[0].cosine, 1, 1e-5);
  EXPECT_LE(recovery.parts[0].change_correlation, -0.95);
  EXPECT_FALSE(recovery.parts[0].sign_agrees);
  EXPECT_FALSE(recovery.parts[0].found);
}

TEST(Recovery, AnUnreadMatchIsNotFound) {
  const NeuronCircuit circuit = circuit_named("oriented edge");
  const Tensor patch = simulated::filter_patch(circuit.parts[0].filter);
  const Recovery recovery =
      recover_parts(planted_model(circuit, patch, 0.0f), circuit, *images(), 1);
  EXPECT_EQ(recovery.parts[0].change, 0);
  EXPECT_FALSE(recovery.parts[0].found);
}

TEST(Recovery, AnotherNeuronsFilterIsNoPart) {
  const NeuronCircuit circuit = circuit_named("oriented edge");
  simulated::FilterSpec across = circuit.parts[0].filter;
  across.direction += 90;
  const Tensor patch = simulated::filter_patch(across);
  const Recovery recovery =
      recover_parts(planted_model(circuit, patch, 0.01f), circuit, *images(), 1);
  EXPECT_LE(recovery.parts[0].cosine, recovery.parts[0].chance);
  EXPECT_FALSE(recovery.parts[0].found);
  EXPECT_EQ(recovery.filters_without_part, 2);
}

TEST(Recovery, UntrainedModelsPassChanceAboutAsOftenAsChanceSays) {
  int above = 0;
  int parts = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Model model(student_architecture({4, 4, 3, 3, 3}, {.height = kSize, .width = kSize}),
                      seed);
    for (const char* name : {"corner", "eye-like"}) {
      const auto few = simulated::stimulus_images(9, 0, 4, kSize);
      for (const RecoveredPart& part : recover_parts(model, circuit_named(name), *few, 1).parts) {
        above += part.cosine > part.chance ? 1 : 0;
        ++parts;
      }
    }
  }
  EXPECT_LE(above, parts / 4) << "of " << parts;
}

TEST(Recovery, IsTheSameTwice) {
  const NeuronCircuit circuit = circuit_named("surround suppressed");
  const Model model(student_architecture({2, 3, 3, 3, 3}, {.height = kSize, .width = kSize}), 2);
  const Recovery a = recover_parts(model, circuit, *images(), 1);
  const Recovery b = recover_parts(model, circuit, *images(), 1);
  ASSERT_EQ(a.parts.size(), 3u);
  for (size_t i = 0; i < a.parts.size(); ++i) {
    EXPECT_EQ(a.parts[i].chance, b.parts[i].chance);
    EXPECT_EQ(a.parts[i].change_correlation, b.parts[i].change_correlation);
  }
}

TEST(Recovery, RefusesModelsOfAnotherKind) {
  const NeuronCircuit circuit = circuit_named("corner");
  Architecture two_outputs = two_layers(2, 2);
  two_outputs.readout.outputs = 2;
  EXPECT_THROW(recover_parts(Model(two_outputs, 1), circuit, *images(), 1), Error);
  Architecture pointwise = two_layers(2, 2);
  pointwise.blocks[1].kind = BlockKind::kPointwise;
  EXPECT_THROW(recover_parts(Model(pointwise, 1), circuit, *images(), 1), Error);
}

}  // namespace
}  // namespace secateur
