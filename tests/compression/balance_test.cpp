// Scaled features: the same responses, steps that agree, and scales that can be read back.

#include "compression/balance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compression/allocation.h"
#include "compression/search.h"
#include "models/difference.h"
#include "tensor/flat_index.h"
#include "tests/compression/compact_fixture.h"
#include "tests/compression/unwatched.h"

namespace secateur {
namespace {

struct Balanced : testing::Test {
  Model folded = fold_batch_norm(lively_model(every_architecture()[0].architecture, 3));
  std::vector<Tensor> images = {blob_images(folded.architecture().input, 64, 5)};
  Observer nobody;
  std::vector<TensorImportance> importance =
      measure_importance(folded, images, respond(folded, images), 64, 1, nobody);
  Balance balance = balance_of(folded, importance);
};

TEST_F(Balanced, RespondsAsBefore) {
  const Model scaled = balanced(folded, balance);
  EXPECT_FALSE(difference_of(folded, scaled).none());
  EXPECT_LT(response_loss(respond(folded, images), respond(scaled, images)), 1e-9);
}

TEST_F(Balanced, GivesTheFiltersOfALayerOneStep) {
  const std::vector<TensorImportance> after = balanced(importance, folded, balance);
  size_t before_spread = 0;
  for (size_t t = 0; t < folded.specs().size(); ++t) {
    const ParameterSpec& spec = folded.specs()[t];
    const TensorLayout layout = layout_of(spec);
    if (!layout.kernel || spec.name.starts_with("readout.")) continue;
    const Transform transform = layout.transformable() ? Transform::kDct : Transform::kNone;
    const auto spread = [&](const TensorImportance& of) {
      const std::vector<double> octaves = filter_octaves(
          layout, transform, transform == Transform::kDct ? of.transformed : of.plain);
      const auto [low, high] = std::ranges::minmax(octaves);
      return high - low;
    };
    before_spread += spread(importance[t]) > 0.5 ? 1 : 0;
    EXPECT_LT(spread(after[t]), 0.5) << spec.name;
  }
  EXPECT_GT(before_spread, 2u);
}

// An error of a scaled weight costs what the same error of the weight before it cost.
TEST_F(Balanced, ScalesImportanceWithTheWeights) {
  const Model scaled = balanced(folded, balance);
  const std::vector<TensorImportance> after = balanced(importance, folded, balance);
  const std::vector<TensorImportance> measured =
      measure_importance(scaled, images, respond(scaled, images), 64, 1, nobody);
  for (size_t t = 0; t < measured.size(); ++t) {
    for (size_t i = 0; i < measured[t].plain.size(); ++i) {
      EXPECT_NEAR(after[t].plain[i], measured[t].plain[i],
                  1e-3 * measured[t].plain[i] + 1e-12 * std::abs(measured[t].plain[0]))
          << folded.specs()[t].name;
    }
  }
}

TEST_F(Balanced, IsReadBackBitForBit) {
  const Model scaled = balanced(folded, balance);
  const Balance again = balance_between(folded, scaled);
  ASSERT_EQ(again.size(), balance.size());
  for (size_t b = 0; b < again.size(); ++b) {
    EXPECT_EQ(again[b].made, balance[b].made);
    EXPECT_EQ(again[b].read, balance[b].read);
  }
  EXPECT_TRUE(difference_of(balanced(folded, again), scaled).none());
  // Where anything else was changed, it is not.
  Model other = scaled.clone();
  other.tensor("readout.weight")[0] *= 1.0001f;
  EXPECT_FALSE(difference_of(balanced(folded, balance_between(folded, other)), other).none());
}

TEST_F(Balanced, SaysByHowMuchAnElementIsScaled) {
  const Model scaled = balanced(folded, balance);
  for (const ParameterSpec& spec : folded.specs()) {
    const Tensor& before = folded.tensor(spec.name);
    for (int64_t i = 0; i < before.numel(); i += 7) {
      const int n =
          sixteenths_at(folded.architecture(), spec.name, unravelled(spec.shape, i), balance);
      EXPECT_NEAR(scaled.tensor(spec.name)[i], before[i] * std::exp2(n / 16.0),
                  1e-6 * std::abs(before[i]) * std::exp2(n / 16.0))
          << spec.name;
    }
  }
}

// A feature that nothing reads has no importance at all: its scale stays within bounds, and so do
// the weights around it.
TEST_F(Balanced, DoesNotBlowUpWhatIsNeverUsed) {
  Model dead = folded.clone();
  const std::string next = folded.architecture().blocks[1].name;
  Tensor& reads = dead.tensor(next + ".depthwise.weight");
  std::fill_n(reads.data(), reads.numel() / reads.dim(0), 0.0f);
  const std::vector<TensorImportance> of_dead =
      measure_importance(dead, images, respond(dead, images), 64, 1, nobody);
  const Balance found = balance_of(dead, of_dead);
  const Model scaled = balanced(dead, found);
  for (const ParameterSpec& spec : dead.specs()) {
    const auto largest = [&](const Model& model) {
      return std::abs(std::ranges::max(model.tensor(spec.name).values(), {},
                                       [](float v) { return std::abs(v); }));
    };
    EXPECT_LE(largest(scaled), 512 * largest(dead)) << spec.name;
  }
  EXPECT_TRUE(difference_of(balanced(dead, balance_between(dead, scaled)), scaled).none());
  compress(dead, images);
}

TEST_F(Balanced, LeavesOtherNetworksAsTheyAre) {
  for (const auto& [name, architecture] : every_architecture()) {
    if (architecture.readout.outputs == 1 && architecture.readout.kind == ReadoutKind::kDense) {
      continue;
    }
    const Model other = fold_batch_norm(lively_model(architecture, 1));
    EXPECT_TRUE(balance_of(other, {}).empty()) << name;
    EXPECT_TRUE(difference_of(balanced(other, {}), other).none()) << name;
  }
}

TEST_F(Balanced, IsWhatTheSearchQuantises) {
  const CompressionResult result =
      compress(lively_model(every_architecture()[0].architecture, 3), images);
  ASSERT_TRUE(result.quantised);
  const Balance found = balance_between(folded, *result.quantised);
  EXPECT_TRUE(difference_of(balanced(folded, found), *result.quantised).none());
  EXPECT_TRUE(std::ranges::any_of(found[1].made, [](int n) { return n != 0; }));
}

}  // namespace
}  // namespace secateur
