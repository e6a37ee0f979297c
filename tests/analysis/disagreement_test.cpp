#include "analysis/disagreement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

Tensor table_from(int64_t images, int64_t outputs, const std::vector<float>& values) {
  Tensor table(Shape{images, outputs});
  for (size_t i = 0; i < values.size(); ++i) table[static_cast<int64_t>(i)] = values[i];
  return table;
}

// Both z-scored alike: (-1, 1, ...) against the other's order.
TEST(Disagreement, IsTheVarianceOfZScoredMembers) {
  const Tensor a = table_from(4, 1, {-1, 1, -1, 1});
  const Tensor b = table_from(4, 1, {30, 50, 50, 30});  // the same in another unit, but 2 and 3
  const Disagreement found = disagreement_of({a, b});
  EXPECT_EQ(found.outputs, 1);
  // (1 - -1)^2 / 2 where they differ.
  EXPECT_NEAR(found.of_images[0], 0, 1e-12);
  EXPECT_NEAR(found.of_images[1], 0, 1e-12);
  EXPECT_NEAR(found.of_images[2], 2, 1e-12);
  EXPECT_NEAR(found.of_images[3], 2, 1e-12);
  EXPECT_EQ(by_disagreement(found), (std::vector<int64_t>{2, 3, 0, 1}));
}

TEST(Disagreement, IsTheMeanOverOutputsThatChange) {
  const Tensor a = table_from(2, 3, {-1, 5, -1, 1, 5, 1});
  const Tensor b = table_from(2, 3, {1, 1, -1, -1, 2, 1});  // output 1 is silent in a
  const Tensor c = table_from(2, 3, {-1, 1, -1, 1, 2, 1});
  const Disagreement found = disagreement_of({a, b, c});
  EXPECT_EQ(found.outputs, 2);
  EXPECT_EQ(found.silent_outputs, 1);
  // Of output 0 -1, 1, -1: variance 4/3; output 2 is agreed on.
  EXPECT_NEAR(found.of_images[0], 2.0 / 3, 1e-12);
  EXPECT_NEAR(found.of_images[1], 2.0 / 3, 1e-12);
}

TEST(Disagreement, RefusesWhatIsNoEnsemble) {
  const Tensor a = table_from(2, 1, {0, 1});
  EXPECT_THROW(disagreement_of({a}), Error);
  EXPECT_THROW(disagreement_of({a, table_from(2, 2, {0, 1, 2, 3})}), Error);
  EXPECT_THROW(disagreement_of({a, table_from(2, 1, {0, NAN})}), Error);
  EXPECT_THROW(disagreement_of({a, table_from(2, 1, {3, 3})}), Error);
  const Tensor one = table_from(1, 1, {0});
  EXPECT_THROW(disagreement_of({one, one}), Error);
}

}  // namespace
}  // namespace secateur
