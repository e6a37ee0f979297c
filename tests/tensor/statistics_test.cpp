#include "tensor/statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

using Doubles = std::vector<double>;

double relative_error(double got, double wanted) {
  return std::abs(got - wanted) / std::max(1e-300, std::abs(wanted));
}

TEST(Column, IsReadFromARowMajorTable) {
  const Tensor table = Tensor::of({3, 2}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(column(table, 0), (std::vector<double>{1, 3, 5}));
  EXPECT_EQ(column(table, 1), (std::vector<double>{2, 4, 6}));
  EXPECT_THROW(column(table, 2), Error);
  EXPECT_THROW(column(Tensor::zeros({4}), 0), Error);
}

TEST(Statistics, SmallValuesByHand) {
  const Doubles x = {1, 2, 4, 9};
  EXPECT_EQ(mean_of(x), 4.0);
  EXPECT_EQ(variance_of(x, 0), 9.5);  // (9 + 4 + 0 + 25) / 4
  EXPECT_EQ(variance_of(x, 2), 19.0);
  const Doubles y = {2, 1, 3, 6};  // centred: -1 -2 0 3; products 3 + 4 + 0 + 15 = 22
  EXPECT_LE(std::abs(correlation(x, y) - 22.0 / std::sqrt(38.0 * 14.0)), 1e-15);
  EXPECT_LE(std::abs(squared_correlation(x, y) - 484.0 / 532.0), 1e-15);
}

TEST(Statistics, FloatsAreJudgedInDouble) {
  const std::vector<float> x = {1, 2, 4, 9};
  const std::vector<float> y = {-2, -1, -3, -6};
  EXPECT_EQ(mean_of(x), 4.0);
  EXPECT_EQ(variance_of(x, 1), 38.0 / 3.0);
  EXPECT_LE(std::abs(correlation(x, y) + 22.0 / std::sqrt(38.0 * 14.0)), 1e-15);
  EXPECT_LE(std::abs(squared_correlation(x, y) - 484.0 / 532.0), 1e-15);
}

TEST(Statistics, ConstantsCorrelateWithNothing) {
  // The mean of 0.1 seven times is not 0.1, so a test on the variance alone would miss it.
  const Doubles constant(7, 0.1);
  const Doubles x = {1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(correlation(constant, x), 0.0);
  EXPECT_EQ(correlation(x, constant), 0.0);
  EXPECT_EQ(squared_correlation(constant, constant), 0.0);
  EXPECT_EQ(variance_of(constant, 0), 0.0);
}

TEST(Statistics, ALargeOffsetCostsNoDigits) {
  Doubles x, y, shifted;
  Rng rng(3, "test/statistics");
  for (int i = 0; i < 1000; ++i) {
    x.push_back(std::floor(rng.uniform(0, 1024)));
    y.push_back(x.back() + rng.normal());
    shifted.push_back(x.back() + 1e9);
  }
  EXPECT_LE(relative_error(variance_of(shifted, 1), variance_of(x, 1)), 1e-12);
  EXPECT_LE(relative_error(correlation(shifted, y), correlation(x, y)), 1e-12);
}

TEST(Statistics, TheTreeLosesLessThanALoop) {
  const Doubles tenths(1000000, 0.1);
  EXPECT_LE(std::abs(pairwise_sum(tenths) - 100000.0), 1e-9);
  double loop = 0.0;
  for (double v : tenths) loop += v;
  EXPECT_LE(std::abs(pairwise_sum(tenths) - 100000.0), std::abs(loop - 100000.0) / 100.0);
}

TEST(Statistics, QuantilesAreLinearBetweenNeighbours) {
  const Doubles x = {9, 1, 4, 2};
  EXPECT_EQ(median_of(x), 3.0);
  EXPECT_EQ(quantile_of(x, 0.0), 1.0);
  EXPECT_EQ(quantile_of(x, 1.0), 9.0);
  EXPECT_EQ(quantile_of(x, 0.75), 5.25);
  EXPECT_EQ(median_of(Doubles{5}), 5.0);
  EXPECT_EQ(median_of(Doubles{3, 1, 2}), 2.0);
}

TEST(Statistics, RefusesWhatHasNoAnswer) {
  const Doubles none, one = {1}, two = {1, 2};
  EXPECT_THROW(mean_of(none), Error);
  EXPECT_THROW(variance_of(one, 1), Error);
  EXPECT_THROW(variance_of(two, -1), Error);
  EXPECT_THROW(correlation(one, two), Error);
  EXPECT_THROW(correlation(none, none), Error);
  EXPECT_THROW(median_of(none), Error);
  EXPECT_THROW(median_of(Doubles{1, std::nan("")}), Error);
  EXPECT_THROW(quantile_of(two, 1.5), Error);
  EXPECT_THROW(quantile_of(two, std::nan("")), Error);
  EXPECT_TRUE(std::isnan(correlation(Doubles{1, 2, std::nan("")}, Doubles{1, 2, 3})));
  EXPECT_EQ(pairwise_sum(none), 0.0);
}

RC_GTEST_PROP(StatisticsLaws, SquaredCorrelationIgnoresGainAndOffset, ()) {
  const auto seed = *rc::gen::arbitrary<uint32_t>();
  const auto count = *rc::gen::inRange(3, 200);
  Rng rng(seed, "test/statistics");
  const double gain = (rng.uniform() < 0.5 ? -1.0 : 1.0) * std::exp(rng.uniform(-5, 5));
  const double offset = rng.uniform(-100, 100);
  Doubles x, y, changed;
  for (int i = 0; i < count; ++i) {
    x.push_back(rng.normal());
    y.push_back(x.back() + rng.normal());
    changed.push_back(gain * y.back() + offset);
  }
  const double r2 = squared_correlation(x, y);
  RC_ASSERT(r2 >= 0.0 && r2 <= 1.0);
  RC_ASSERT(std::abs(squared_correlation(x, changed) - r2) <= 1e-9);
  RC_ASSERT(correlation(x, y) == correlation(y, x));
}

}  // namespace
}  // namespace secateur
