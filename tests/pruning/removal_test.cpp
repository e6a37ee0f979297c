#include "pruning/removal.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

Architecture student_with(ReadoutKind kind) {
  Architecture architecture = student_architecture({6, 5, 4, 5, 4}, kSmallInput, 2);
  architecture.readout.kind = kind;
  return architecture;
}

std::vector<int64_t> random_subset(int64_t filters) {
  std::vector<int64_t> kept;
  for (int64_t f = 0; f < filters; ++f) {
    if (*rc::gen::arbitrary<bool>()) kept.push_back(f);
  }
  if (kept.empty()) kept.push_back(*rc::gen::inRange<int64_t>(0, filters));
  return kept;
}

TEST(KeepFilters, AnswersAsTheMaskedNetworkDoes) {
  const bool holds = rc::check([] {
    const Architecture architecture =
        student_with(*rc::gen::element(ReadoutKind::kDense, ReadoutKind::kFactorised));
    const Model model = lively_model(architecture, *rc::gen::arbitrary<uint64_t>());
    const size_t layer = *rc::gen::inRange<size_t>(0, 5);
    const std::vector<int64_t> kept = random_subset(architecture.blocks[layer].filters);
    const Model rebuilt = keep_filters(model, layer, kept);
    const Model masked = mask_filters(model, layer, kept);
    // What the next layer makes of it, before sums of the readout can cancel.
    const size_t blocks = architecture.blocks.size();
    const Variable images(random_images(kSmallInput, 3, 5, 10));
    if (layer + 1 < blocks) {
      const auto next = [&](const Model& m) {
        return m.frozen().forward_blocks(images, 0, layer + 2, Mode::kEvaluation).value();
      };
      RC_ASSERT(relative_difference(next(rebuilt), next(masked)) <= 1e-5);
    }
    RC_ASSERT(relative_difference(answers_of(rebuilt, images.value()),
                                  answers_of(masked, images.value())) <= 1e-4);
  });
  EXPECT_TRUE(holds);
}

TEST(KeepFilters, TakesEverythingOfAFilterWithIt) {
  const Model model = lively_model(student_with(ReadoutKind::kDense), 2);
  const Model rebuilt = keep_filters(model, 1, {0, 3});
  EXPECT_EQ(filter_counts(rebuilt.architecture()), (std::vector<int64_t>{6, 2, 4, 5, 4}));
  EXPECT_EQ(rebuilt.tensor("layer1.depthwise.weight").shape(), Shape({6, 1, 5, 5}));
  EXPECT_EQ(rebuilt.tensor("layer1.pointwise.weight")[6 + 2],
            model.tensor("layer1.pointwise.weight")[3 * 6 + 2]);
  for (const char* leaf :
       {"pointwise.bias", "bn.gamma", "bn.beta", "bn.moving_mean", "bn.moving_variance"}) {
    const std::string name = std::string("layer1.") + leaf;
    EXPECT_EQ(rebuilt.tensor(name).shape(), Shape({2})) << name;
    EXPECT_EQ(rebuilt.tensor(name)[1], model.tensor(name)[3]) << name;
  }
  EXPECT_EQ(rebuilt.tensor("layer2.depthwise.weight")[25 + 7],
            model.tensor("layer2.depthwise.weight")[3 * 25 + 7]);
  EXPECT_EQ(rebuilt.tensor("layer2.pointwise.weight")[2 * 2 + 1],
            model.tensor("layer2.pointwise.weight")[2 * 5 + 3]);
  EXPECT_TRUE(same_bits(rebuilt.tensor("layer0.conv.weight"), model.tensor("layer0.conv.weight")));
  EXPECT_EQ(model.tensor("layer1.bn.gamma").shape(), Shape({5}));
}

TEST(KeepFilters, AllOfThemChangeNothing) {
  Model model = lively_model(student_with(ReadoutKind::kFactorised), 3);
  model.set_output_scale({1, 2}, {3, 4});
  model.metadata["stage"] = "student";
  const Model same = keep_filters(model, 4, {0, 1, 2, 3});
  EXPECT_EQ(same.architecture(), model.architecture());
  EXPECT_EQ(same.metadata, model.metadata);
  for (const auto& [name, tensor] : model.tensors())
    EXPECT_TRUE(same_bits(tensor, same.tensor(name)));
}

TEST(MaskFilters, SilencesTheOthersAndLeavesTheModelAlone) {
  const Model model = lively_model(student_with(ReadoutKind::kDense), 4);
  const Tensor images = random_images(kSmallInput, 2, 6, 10);
  const Tensor before = answers_of(model, images);
  const Model masked = mask_filters(model, 2, {1});
  EXPECT_GE(relative_difference(answers_of(masked, images), before), 1e-3);
  EXPECT_TRUE(same_bits(answers_of(model, images), before));
}

TEST(Removal, RefusesSetsThatCannotBe) {
  const Model model(student_with(ReadoutKind::kDense), 1);
  for (const std::vector<int64_t>& kept :
       {std::vector<int64_t>{}, {2, 1}, {1, 1}, {-1, 2}, {0, 6}}) {
    expect_refused([&] { keep_filters(model, 0, kept); },
                   "layer0: wanted at least one distinct filter below 6");
    expect_refused([&] { mask_filters(model, 0, kept); }, "layer0: wanted at least one");
  }
  expect_refused([&] { keep_filters(model, 5, {0}); }, "there is no layer 5");
}

TEST(Removal, RefusesNetworksWhoseFiltersAreTied) {
  const Model member(member_architecture({.stem = 3, .width = 4, .middle = 3}, kSmallInput, 2), 1);
  expect_refused([&] { keep_filters(member, 0, {0}); }, "core0 is another kind");
  Architecture conv_inside = student_with(ReadoutKind::kDense);
  conv_inside.blocks[2].kind = BlockKind::kConv;
  expect_refused([&] { require_prunable(conv_inside); }, "layer2 is another kind");
}

}  // namespace
}  // namespace secateur
