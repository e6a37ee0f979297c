#include "models/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/mse_loss/mse_loss.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

Architecture small_student() { return student_architecture({5, 4, 3, 3, 2}, kSmallInput); }

TEST(InitialValues, AreUniformWithinGlorotsBound) {
  const Model model(student_architecture({40, 40, 40, 40, 40}, kSmallInput), 3);
  for (const ParameterSpec& spec : model.specs()) {
    const Tensor& tensor = model.tensor(spec.name);
    if (spec.role != ParameterRole::kKernel) {
      const bool one =
          spec.role == ParameterRole::kGamma || spec.role == ParameterRole::kMovingVariance;
      EXPECT_TRUE(same_bits(tensor, Tensor::full(spec.shape, one ? 1.0f : 0.0f))) << spec.name;
      continue;
    }
    const double limit = std::sqrt(6.0 / static_cast<double>(spec.fan_in + spec.fan_out));
    double largest = 0;
    double squares = 0;
    for (const float v : tensor.values()) {
      largest = std::max(largest, std::abs(double{v}));
      squares += double{v} * v;
    }
    const double n = static_cast<double>(tensor.numel());
    EXPECT_LE(largest, limit) << spec.name;
    EXPECT_GE(largest, 0.95 * limit) << spec.name;
    EXPECT_LE(std::abs(squares / n / (limit * limit) - 1.0 / 3), 5 * std::sqrt(4.0 / 45 / n))
        << spec.name;
  }
}

TEST(InitialValues, HaveTheFansOfTheirLayers) {
  std::map<std::string, int64_t> fans;
  for (const ParameterSpec& spec : parameter_specs(small_student())) {
    fans[spec.name] = spec.fan_in + spec.fan_out;
  }
  EXPECT_EQ(fans.at("layer0.conv.weight"), 25 * (3 + 5));
  EXPECT_EQ(fans.at("layer2.pointwise.weight"), 4 + 3);
  EXPECT_EQ(fans.at("readout.weight"), 2 * 4 * 3 + 1);
}

TEST(InitialValues, DifferBySeedAndLayer) {
  const Model a(small_student(), 3);
  const Model b(small_student(), 4);
  EXPECT_TRUE(
      same_bits(a.tensor("readout.weight"), Model(small_student(), 3).tensor("readout.weight")));
  for (const ParameterSpec& spec : a.specs()) {
    if (spec.role != ParameterRole::kKernel) continue;
    EXPECT_FALSE(same_bits(a.tensor(spec.name), b.tensor(spec.name))) << spec.name;
  }
  const Model even(student_architecture({4, 4, 4, 4, 4}, kSmallInput), 3);
  EXPECT_FALSE(
      same_bits(even.tensor("layer1.pointwise.weight"), even.tensor("layer2.pointwise.weight")));
}

// Another last layer, or another readout, leaves the first layers as they were.
TEST(InitialValues, DoNotDependOnTheOtherLayers) {
  const Model a(small_student(), 3);
  const Model b(shared_compact_architecture(5, kSmallInput, 2), 3);
  EXPECT_TRUE(same_bits(a.tensor("layer0.conv.weight"), b.tensor("layer0.conv.weight")));
  EXPECT_TRUE(same_bits(a.tensor("layer1.depthwise.weight"), b.tensor("layer1.depthwise.weight")));
}

TEST(Model, RefusesTensorsOfAnotherArchitecture) {
  const Model good = lively_model(small_student(), 1);
  const auto refuse = [&](const std::string& part, auto&& spoil) {
    std::map<std::string, Tensor> tensors = good.clone().tensors();
    spoil(tensors);
    expect_refused([&] { Model(small_student(), tensors); }, part);
  };
  refuse("layer1.bn.gamma [4] is missing", [](auto& t) { t.erase("layer1.bn.gamma"); });
  refuse("got 37: some belong to another architecture",
         [](auto& t) { t["layer9.bn.gamma"] = Tensor(Shape{1}); });
  refuse("wanted readout.bias of shape [1], got [2]",
         [](auto& t) { t["readout.bias"] = Tensor::zeros({2}); });
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    refuse("layer3.depthwise.weight holds a number that is not finite",
           [&](auto& t) { t["layer3.depthwise.weight"][7] = bad; });
  }
  refuse("layer0.bn.moving_variance holds a negative variance, -0.5",
         [](auto& t) { t["layer0.bn.moving_variance"][2] = -0.5f; });
}

TEST(Model, KnowsItsTensorsByName) {
  Model model(small_student(), 1);
  expect_refused([&] { model.parameter("layer7.conv.weight"); }, "no parameter called 'layer7.c");
  expect_refused([&] { model.tensor("x"); }, "no parameter called 'x'");
  EXPECT_EQ(model.tensors().size(), model.specs().size());
}

TEST(Model, ClonesAreIndependentAndFrozenModelsAreNot) {
  Model model = lively_model(small_student(), 1);
  model.metadata["session"] = "201025";
  const Model copy = model.clone();
  const Model frozen = model.frozen();
  model.tensor("readout.bias")[0] = 42;
  EXPECT_NE(copy.tensor("readout.bias")[0], 42);
  EXPECT_EQ(frozen.tensor("readout.bias")[0], 42);
  EXPECT_EQ(copy.metadata, model.metadata);
  EXPECT_EQ(frozen.metadata, model.metadata);
}

TEST(Model, FrozenModelsRecordNoGraph) {
  const Model model = lively_model(small_student(), 1);
  const Variable images(random_images(kSmallInput, 2, 5));
  EXPECT_TRUE(model.forward(images, Mode::kEvaluation).requires_grad());
  EXPECT_FALSE(model.frozen().forward(images, Mode::kEvaluation).requires_grad());
}

TEST(Model, EveryTrainableParameterGetsAGradientAndNoOther) {
  for (const Architecture& architecture :
       {small_student(), shared_compact_architecture(4, kSmallInput, 3),
        member_architecture({.stem = 3, .width = 6, .middle = 4, .residual_blocks = 2}, kSmallInput,
                            3)}) {
    const Model model = lively_model(architecture, 2);
    const Variable y = model.forward(Variable(random_images(kSmallInput, 6, 5)), Mode::kTraining);
    backward(mse_loss(
        y, Variable(random_images(
                        {.channels = 1, .height = 1, .width = architecture.readout.outputs}, 6, 6)
                        .reshaped(y.shape()))));
    for (const ParameterSpec& spec : model.specs()) {
      EXPECT_EQ(model.parameter(spec.name).has_grad(), spec.trainable) << spec.name;
    }
  }
}

TEST(Model, OnlyTrainingMovesTheStatistics) {
  Model model = lively_model(small_student(), 1);
  const Variable images(random_images(kSmallInput, 4, 5));
  const Model before = model.clone();
  model.forward(images, Mode::kEvaluation);
  for (const auto& [name, tensor] : model.tensors()) {
    EXPECT_TRUE(same_bits(tensor, before.tensor(name))) << name;
  }
  model.forward(images, Mode::kTraining);
  for (const ParameterSpec& spec : model.specs()) {
    const bool moves =
        spec.role == ParameterRole::kMovingMean || spec.role == ParameterRole::kMovingVariance;
    EXPECT_EQ(same_bits(model.tensor(spec.name), before.tensor(spec.name)), !moves) << spec.name;
  }
}

TEST(Model, PartsOfTheForwardPassMakeTheWhole) {
  const Architecture architecture = member_architecture(
      {.stem = 3, .width = 6, .middle = 4, .residual_blocks = 2}, kSmallInput, 3);
  const Model model = lively_model(architecture, 2).frozen();
  const Tensor images = random_images(kSmallInput, 3, 5);
  Variable x(images);
  for (size_t i = 0; i < architecture.blocks.size(); ++i) {
    const Shape wanted = architecture.shape_before(i);
    EXPECT_EQ(x.shape(), Shape({3, wanted[0], wanted[1], wanted[2]})) << i;
    x = model.forward_blocks(x, i, i + 1, Mode::kEvaluation);
  }
  const Tensor y = model.forward_readout(x).value();
  EXPECT_EQ(y.shape(), Shape({3, 3}));
  EXPECT_TRUE(same_bits(y, model.forward(Variable(images), Mode::kEvaluation).value()));
}

TEST(Model, TheScaleWantsANumberForEveryOutput) {
  Model model(small_student(), 1);
  expect_refused([&] { model.set_output_scale({1, 2}, {1, 2}); }, "for each of 1 outputs");
}

}  // namespace
}  // namespace secateur
