#include "ops/max_pool/max_pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace secateur {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// One window of 2 x 2; returns where the gradient went.
int64_t place_of_gradient(std::initializer_list<float> window) {
  const Variable x(Tensor::of({1, 1, 2, 2}, window), true);
  backward(max_pool(x), Tensor::full({1, 1, 1, 1}, 1.0f));
  int64_t place = -1;
  for (int64_t i = 0; i < 4; ++i) {
    if (x.grad()[i] == 0.0f) continue;
    EXPECT_EQ(place, -1) << "two pixels have a gradient";
    place = i;
  }
  return place;
}

float value_of(std::initializer_list<float> window) {
  return max_pool(Variable(Tensor::of({1, 1, 2, 2}, window))).value()[0];
}

TEST(MaxPool, GivesTheGradientToTheFirstOfEqualMaxima) {
  EXPECT_EQ(place_of_gradient({1, 5, 5, 5}), 1);
  EXPECT_EQ(place_of_gradient({1, 2, 5, 5}), 2);
  EXPECT_EQ(place_of_gradient({0.0f, -0.0f, 0.0f, -1}), 0);
}

TEST(MaxPool, KeepsNan) {
  EXPECT_TRUE(std::isnan(value_of({kNan, 1, 2, 3})));
  EXPECT_TRUE(std::isnan(value_of({3, kNan, 2, 1})));
  EXPECT_TRUE(std::isnan(value_of({3, 2, 1, kNan})));
  EXPECT_EQ(place_of_gradient({3, kNan, kInf, kNan}), 1);
}

TEST(MaxPool, KeepsInfinities) {
  EXPECT_EQ(value_of({-kInf, -kInf, -kInf, -kInf}), -kInf);
  EXPECT_EQ(place_of_gradient({-kInf, -kInf, -kInf, -kInf}), 0);
  EXPECT_EQ(value_of({1, kInf, 2, -kInf}), kInf);
}

// The corner window sees one pixel, at its last tap.
TEST(MaxPool, NeverTakesPaddingForTheMaximum) {
  const Variable x(Tensor::full({1, 1, 2, 2}, -kInf), true);
  const Variable y = max_pool(x, {.kernel = 2, .stride = 2, .padding = {1, 1, 1, 1}});
  ASSERT_EQ(y.shape(), (Shape{1, 1, 2, 2}));
  backward(y, Tensor::of({1, 1, 2, 2}, {1, 2, 3, 4}));
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(y.value()[i], -kInf);
    EXPECT_EQ(x.grad()[i], static_cast<float>(i + 1));
  }
}

}  // namespace
}  // namespace secateur
