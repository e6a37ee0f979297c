#include "tensor/shape.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape().numel(), 1);
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape({8, 3, 112, 112}).numel(), 8 * 3 * 112 * 112);
  EXPECT_EQ(Shape({5, 0, 7}).numel(), 0);
  EXPECT_EQ(Shape({int64_t{1} << 31, (int64_t{1} << 31) - 1}).numel(),
            (int64_t{1} << 62) - (int64_t{1} << 31));
}

TEST(Shape, RefusesMoreElementsThan64BitsCount) {
  expect_refused(
      [] {
        Shape({int64_t{1} << 32, int64_t{1} << 31}).numel();
      },
      "[4294967296, 2147483648] has more elements");
}

TEST(Shape, RefusesWhatIsNoShape) {
  EXPECT_EQ(Shape({1, 2, 3, 4, 5, 6}).rank(), 6);
  expect_refused([] { Shape({1, 2, 3, 4, 5, 6, 7}); }, "at most 6 axes, got 7");
  expect_refused([] { Shape({2, -1}); }, "got -1 at axis 1");
  const Shape shape{4, 5};
  EXPECT_EQ(shape[1], 5);
  expect_refused([&] { shape[2]; }, "an axis below 2, got 2");
  expect_refused([&] { shape[-1]; }, "got -1");
}

TEST(Shape, ComparesExtentsAndRank) {
  EXPECT_EQ(Shape({2, 3}), Shape({2, 3}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_NE(Shape({2}), Shape({2, 1}));
  EXPECT_NE(Shape(), Shape({1}));
}

TEST(Shape, IsWrittenWithBrackets) {
  EXPECT_EQ(Shape({8, 3, 112, 112}).str(), "[8, 3, 112, 112]");
  EXPECT_EQ(Shape().str(), "[]");
  EXPECT_EQ(fmt::format("{}", Shape{7}), "[7]");
}

}  // namespace
}  // namespace secateur
