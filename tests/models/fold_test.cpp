// Batch norms folded away, outputs selected, and prediction with the result.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

Architecture random_student() {
  Architecture a = student_architecture(
      *rc::gen::container<std::vector<int64_t>>(5, rc::gen::inRange<int64_t>(1, 9)), kSmallInput,
      *rc::gen::inRange<int64_t>(1, 4));
  a.readout.kind = *rc::gen::element(ReadoutKind::kDense, ReadoutKind::kFactorised);
  for (Block& block : a.blocks) {
    block.norm = *rc::gen::weightedElement<Norm>({{3, Norm::kBatch}, {1, Norm::kNone}});
    block.epsilon = *rc::gen::element(kPublishedEpsilon, 1e-5, 0.25);
    block.activation = *rc::gen::element(Activation::kRelu, Activation::kLinear);
  }
  return a;
}

Architecture random_member() {
  return member_architecture({.stem = *rc::gen::inRange<int64_t>(1, 6),
                              .width = *rc::gen::inRange<int64_t>(1, 8),
                              .middle = *rc::gen::inRange<int64_t>(1, 6),
                              .residual_blocks = *rc::gen::inRange<int64_t>(0, 4)},
                             kSmallInput, *rc::gen::inRange<int64_t>(1, 4));
}

TEST(FoldBatchNorm, GivesTheSameFunctionWithoutNorms) {
  const bool holds = rc::check([] {
    const Architecture a = *rc::gen::arbitrary<bool>() ? random_student() : random_member();
    const Model model = lively_model(a, *rc::gen::arbitrary<uint64_t>());
    const Model folded = fold_batch_norm(model);
    for (const Block& block : folded.architecture().blocks) RC_ASSERT(block.norm == Norm::kNone);
    // Block by block, from the same input: through a whole network rounding grows with the gain of
    // every norm. Not the readout, whose sums may cancel, which says nothing of the fold.
    Variable x(random_images(kSmallInput, 3, 8));
    const Model constant = model.frozen();
    const Model constant_folded = folded.frozen();
    for (size_t i = 0; i < a.blocks.size(); ++i) {
      const Variable y = constant.forward_blocks(x, i, i + 1, Mode::kEvaluation);
      const Variable z = constant_folded.forward_blocks(x, i, i + 1, Mode::kEvaluation);
      RC_ASSERT(relative_difference(z.value(), y.value()) <= 2e-5);
      x = y;
    }
    for (const auto& [name, tensor] : folded.tensors()) {
      if (name.starts_with("readout.")) RC_ASSERT(same_bits(tensor, model.tensor(name)));
    }
  });
  EXPECT_TRUE(holds);
}

// One pointwise block by hand: relu(gamma (w x + b - mean) / sqrt(variance + 0.001) + beta), then
// the sum over pixels that a readout of ones makes.
TEST(FoldBatchNorm, AgreesWithTheFormulaOfTheNorm) {
  Architecture a{.input = {.height = 4, .width = 4}, .blocks = {}, .readout = {}};
  a.blocks.push_back({.kind = BlockKind::kPointwise, .name = "only", .filters = 1, .kernel = 1});
  Model model(a, 1);
  const auto set = [&](const char* name, std::initializer_list<float> values) {
    model.tensor(name) = Tensor::of(model.tensor(name).shape(), values);
  };
  set("only.pointwise.weight", {0.5f, -1.0f, 2.0f});
  set("only.pointwise.bias", {0.25f});
  set("only.bn.gamma", {-1.5f});
  set("only.bn.beta", {0.75f});
  set("only.bn.moving_mean", {0.1f});
  set("only.bn.moving_variance", {0.003f});
  model.tensor("readout.weight").fill(1.0f);
  set("readout.bias", {3.0f});
  const Tensor images = random_images(a.input, 5, 2);
  for (int64_t i = 0; i < 5; ++i) {
    double wanted = 3;
    for (int64_t p = 0; p < 16; ++p) {
      const float* const x = images.data() + i * 48 + p;
      const double linear = 0.5 * x[0] - 1.0 * x[16] + 2.0 * x[32] + 0.25;
      wanted += std::max(0.0, -1.5 * (linear - 0.1) / std::sqrt(0.003 + 1e-3) + 0.75);
    }
    EXPECT_LE(std::abs(answers_of(model, images)[i] - wanted), 1e-4 * std::abs(wanted));
    EXPECT_LE(std::abs(Predictor(model)(images)[i] - wanted), 1e-4 * std::abs(wanted));
  }
}

// A norm in front of a depthwise convolution is computed together with it, one at the end alone:
// each has the epsilon of its own block.
TEST(BatchNormEpsilon, IsThatOfTheBlockInOneSweepAndAlone) {
  Architecture a = student_architecture({3, 4, 2, 3, 2}, kSmallInput);
  for (size_t i = 0; i < a.blocks.size(); ++i) a.blocks[i].epsilon = 0.1 * double(i + 1);
  const Model model = lively_model(a, 6);
  for (const Mode mode : {Mode::kEvaluation, Mode::kTraining}) {
    const Variable images(random_images(kSmallInput, 3, 8));
    const Model whole = model.clone();
    const Model parts = model.clone();
    Variable x = images;
    for (size_t i = 0; i < a.blocks.size(); ++i) x = parts.forward_blocks(x, i, i + 1, mode);
    const Variable y = whole.forward_blocks(images, 0, a.blocks.size(), mode);
    EXPECT_LE(relative_difference(y.value(), x.value()), 2e-5);
  }
}

TEST(FoldBatchNorm, KeepsMetadataAndLeavesTheModelAlone) {
  Model model = lively_model(student_architecture({3, 3, 3, 3, 3}, kSmallInput), 4);
  model.metadata["stage"] = "student";
  const Model before = model.clone();
  EXPECT_EQ(fold_batch_norm(model).metadata, model.metadata);
  for (const auto& [name, tensor] : model.tensors()) {
    EXPECT_TRUE(same_bits(tensor, before.tensor(name))) << name;
  }
}

TEST(Predictor, AppliesTheScaleOfEveryOutput) {
  Model model = lively_model(shared_compact_architecture(4, kSmallInput, 3), 5);
  const Tensor images = random_images(kSmallInput, 4, 9);
  const Tensor plain = Predictor(model)(images);
  model.set_output_scale({1, -2, 0.5}, {3, 1, -0.25});
  const Tensor scaled = Predictor(model)(images);
  const double offset[] = {1, -2, 0.5};
  const double gain[] = {3, 1, -0.25};
  for (int64_t i = 0; i < 12; ++i) {
    EXPECT_LE(std::abs(scaled[i] - (offset[i % 3] + gain[i % 3] * plain[i])), 1e-6);
  }
  // The scale of training knows nothing of it.
  EXPECT_LE(relative_difference(answers_of(model, images), plain), 2e-5);
}

TEST(Predictor, WantsImagesOfItsSize) {
  const Predictor predict(lively_model(student_architecture({2, 2, 2, 2, 2}, kSmallInput), 1));
  EXPECT_EQ(predict.outputs(), 1);
  expect_refused(
      [&] {
        predict(Tensor(Shape{1, 3, 12, 16}));
      },
      "wanted images [n, 3, 16, 12], got [1, 3, 12, 16]");
  expect_refused([&] { predict(Tensor(Shape{3, 16, 12})); }, "got [3, 16, 12]");
}

TEST(SelectOutputs, GivesTheColumnsOfTheWhole) {
  for (const ReadoutKind kind : {ReadoutKind::kDense, ReadoutKind::kFactorised}) {
    Architecture a = student_architecture({4, 3, 3, 3, 3}, kSmallInput, 5);
    a.readout.kind = kind;
    Model model = lively_model(a, 6);
    model.set_output_scale({0, 1, 2, 3, 4}, {1, 2, 3, 4, 5});
    model.metadata["stage"] = "teacher";
    const Tensor images = random_images(kSmallInput, 3, 10);
    const Tensor whole = Predictor(model)(images);
    const std::vector<int64_t> chosen = {3, 0, 1};
    const Model part = select_outputs(model, chosen);
    const Tensor some = Predictor(part)(images);
    ASSERT_EQ(some.shape(), Shape({3, 3}));
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t o = 0; o < 3; ++o) {
        const float wanted = whole[i * 5 + chosen[static_cast<size_t>(o)]];
        EXPECT_LE(std::abs(some[i * 3 + o] - wanted), 1e-5 * std::abs(wanted));
      }
    }
    EXPECT_EQ(part.architecture().readout.gain, (std::vector<double>{4, 1, 2}));
    EXPECT_EQ(part.metadata, model.metadata);
  }
}

TEST(SelectOutputs, RefusesOutputsThatAreNotThere) {
  const Model model(student_architecture({2, 2, 2, 2, 2}, kSmallInput, 3), 1);
  expect_refused([&] { select_outputs(model, {}); }, "wanted at least one output");
  for (const int64_t output : {-1, 3}) {
    expect_refused(
        [&] {
          select_outputs(model, {0, output});
        },
        fmt::format("wanted an output of 0 to 2, got {}", output));
  }
}

}  // namespace
}  // namespace secateur
