#include "pruning/ulp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pruning/rebuild.h"
#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

TEST(UlpDistance, CountsTheFloatsBetween) {
  EXPECT_EQ(ulp_distance(1.0f, 1.0f), 0);
  EXPECT_EQ(ulp_distance(0.0f, -0.0f), 0);
  for (const float x : {1.0f, -1.0f, 0.0f, 1e-40f, 3e38f, -2.0f}) {
    const float up = std::nextafter(x, INFINITY);
    if (!std::isfinite(up)) continue;
    EXPECT_EQ(ulp_distance(x, up), 1) << x;
    EXPECT_EQ(ulp_distance(std::nextafter(up, INFINITY), x), 2) << x;
  }
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(ulp_distance(-tiny, tiny), 2);
  EXPECT_EQ(ulp_distance(1.0f, 2.0f), 1 << 23);
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    EXPECT_EQ(ulp_distance(bad, 1.0f), kFar);
    EXPECT_EQ(ulp_distance(1.0f, bad), kFar);
  }
}

class Ulp : public testing::Test {
 protected:
  Ulp() : model_(small_student({8, 7, 6, 5, 4}, 3)), kept_(all_filters(model_.architecture())) {
    // No filter is silent: none ever rectifies.
    for (const Block& block : model_.architecture().blocks) {
      model_.tensor(block.name + ".bn.beta").fill(300.0f);
    }
  }

  // Of a rebuilt network in which one number is not the student's.
  MaskedComparison with_change(const std::string& tensor, float factor) const {
    const Model masked = mask_everywhere(model_, kept_);
    Model changed = keep_everywhere(model_, kept_).clone();
    changed.tensor(tensor)[0] *= factor;
    Observer nobody;
    return compare_networks(changed, masked, kept_, batches_of(images_, 5), nobody);
  }

  MaskedComparison compared(const ImageVisitor& images) const {
    Observer nobody;
    return compare_with_masked(model_, kept_, images, nobody);
  }

  Model model_;
  std::vector<std::vector<int64_t>> kept_;
  Tensor images_ = random_images(kSmallInput, 12, 4, 30);
};

TEST_F(Ulp, IsZeroWithoutRemovals) {
  const MaskedComparison c = compared(batches_of(images_, 5));
  EXPECT_EQ(c.responses, 12);
  EXPECT_EQ(c.largest, 0);
  EXPECT_EQ(c.median, 0);
  EXPECT_EQ(c.relative, 0);
  EXPECT_EQ(c.first, "");
  EXPECT_NE(c.reason.find("no bit of these"), std::string::npos);
  ASSERT_EQ(c.operations.size(), 2u + 4 * 3 + 1);
  EXPECT_EQ(c.operations[0].operation, "layer0 conv");
  EXPECT_EQ(c.operations[3].operation, "layer1 pointwise");
  EXPECT_EQ(c.operations[3].outputs, 12 * 7 * 8 * 6);  // stride 2
  EXPECT_EQ(c.operations.back().operation, "readout");
}

// Sums over filters are chains, in which a removed filter adds an exact zero; so only the readout,
// which sums in groups, may differ, and by rounding.
TEST_F(Ulp, RemovalsShowInTheReadoutOnly) {
  kept_ = {{1, 2, 5}, {0, 3, 4, 6}, {2, 3, 5}, {0, 4}, {1, 3}};
  const MaskedComparison c = compared(batches_of(images_, 5));
  for (size_t i = 0; i + 1 < c.operations.size(); ++i) {
    EXPECT_EQ(c.operations[i].differ, 0) << c.operations[i].operation;
    EXPECT_EQ(c.operations[i].largest, 0) << c.operations[i].operation;
  }
  EXPECT_EQ(c.operations[0].outputs, 12 * 3 * 16 * 12);
  EXPECT_EQ(c.largest, c.operations.back().largest);
  EXPECT_GE(c.largest, 1);
  EXPECT_LE(c.relative, 1e-6);
  EXPECT_LE(c.median, static_cast<double>(c.largest));
  EXPECT_GE(c.largest_response, std::abs(c.at));
  EXPECT_GT(std::abs(c.at), 0);
  EXPECT_EQ(c.first, "readout");
  EXPECT_NE(c.reason.find("another grouping"), std::string::npos);
}

TEST_F(Ulp, FindsTheFirstOperationThatDiffers) {
  kept_ = {{1, 2, 5}, {0, 3, 4, 6}, {2, 3, 5}, {0, 4}, {1, 3}};
  const std::vector<std::pair<std::string, std::string>> places = {
      {"layer0.conv.weight", "layer0 conv"},
      {"layer0.bn.gamma", "layer0 norm"},
      {"layer2.depthwise.weight", "layer2 depthwise"},
      {"layer2.pointwise.weight", "layer2 pointwise"},
      {"layer3.bn.beta", "layer3 norm"},
      {"readout.weight", "readout"}};
  for (const auto& [tensor, operation] : places) {
    const MaskedComparison c = with_change(tensor, 4.0f);
    EXPECT_EQ(c.first, operation) << tensor;
    EXPECT_GE(c.largest, 10) << tensor;
  }
}

TEST_F(Ulp, CanBeWatchedAndStopped) {
  kept_[1] = {0, 3, 4, 6};
  const auto compare = [&](Observer& observer) {
    return compare_with_masked(model_, kept_, batches_of(images_, 5), observer);
  };
  expect_stops_anywhere(compare, 3);
  Watching watching;
  const MaskedComparison watched = compare(watching);
  expect_runs_to_the_end(watching.heard, "rebuilt against masked");
  EXPECT_EQ(watching.heard.size(), 3u);
  EXPECT_EQ(watched.largest, compared(batches_of(images_, 5)).largest);
}

TEST_F(Ulp, RefusesWhatCannotBeCompared) {
  expect_refused([&] { compared({0, [](const ImageBody&) {}}); }, "at least one image");
  kept_[2] = {0, 2};
  const Tensor maps = model_.tensor("readout.weight").clone();
  model_.tensor("readout.weight").fill(3e38f);  // both answer with infinity
  expect_refused([&] { compared(batches_of(images_, 5)); },
                 "the rebuilt network differs from the masked one", ErrorKind::kVerification);
  std::copy(maps.values().begin(), maps.values().end(), model_.tensor("readout.weight").data());
  model_.tensor("layer4.bn.gamma").fill(3e38f);
  model_.tensor("layer4.bn.beta").fill(3e38f);
  expect_refused([&] { compared(batches_of(images_, 5)); },
                 "the rebuilt network differs from the masked one", ErrorKind::kVerification);
}

}  // namespace
}  // namespace secateur
