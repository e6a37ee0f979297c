#include "data/item_order.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

std::vector<int64_t> epoch(const ItemOrder& order, int64_t number) {
  std::vector<int64_t> items;
  for (int64_t i = 0; i < order.size(); ++i) items.push_back(order.item(number * order.size() + i));
  return items;
}

TEST(ItemOrder, EveryEpochIsAPermutation) {
  EXPECT_TRUE(rc::check([] {
    const int64_t size = *rc::gen::inRange<int64_t>(1, 700);
    const ItemOrder order(*rc::gen::arbitrary<uint64_t>(), size);
    std::vector<int64_t> items = epoch(order, *rc::gen::inRange<int64_t>(0, 1000));
    std::sort(items.begin(), items.end());
    for (int64_t i = 0; i < size; ++i) RC_ASSERT(items[static_cast<size_t>(i)] == i);
  }));
}

TEST(ItemOrder, EpochsAndSeedsDiffer) {
  const ItemOrder order(7, 1000);
  std::set<std::vector<int64_t>> seen;
  for (int64_t e = 0; e < 20; ++e) seen.insert(epoch(order, e));
  seen.insert(epoch(ItemOrder(8, 1000), 0));
  EXPECT_EQ(seen.size(), 21u);
  EXPECT_EQ(epoch(ItemOrder(7, 1000), 3), epoch(order, 3));
}

TEST(ItemOrder, HasNoTraceOfTheOriginalOrder) {
  constexpr int64_t kSize = 4000;
  const std::vector<int64_t> items = epoch(ItemOrder(1, kSize), 0);
  double covariance = 0;
  double successive = 0;
  int64_t neighbours = 0;
  const double centre = (kSize - 1) / 2.0;
  const auto centred = [&](int64_t i) {
    return static_cast<double>(items[static_cast<size_t>(i)]) - centre;
  };
  for (int64_t i = 0; i < kSize; ++i) {
    covariance += (static_cast<double>(i) - centre) * centred(i);
    if (i == 0) continue;
    successive += centred(i - 1) * centred(i);
    if (std::abs(items[static_cast<size_t>(i)] - items[static_cast<size_t>(i - 1)]) == 1) {
      ++neighbours;
    }
  }
  const double variance = (static_cast<double>(kSize) * kSize - 1) / 12 * kSize;
  const double limit = 4 / std::sqrt(static_cast<double>(kSize));
  EXPECT_LE(std::abs(covariance / variance), limit);
  EXPECT_LE(std::abs(successive / variance), limit);
  EXPECT_LE(neighbours, 10);  // 2 expected
}

// With 4 items all 24 orders must come up about equally often.
TEST(ItemOrder, SmallSetsSeeEveryOrder) {
  constexpr int kEpochs = 24000;
  const ItemOrder order(3, 4);
  std::vector<int> counts(256, 0);
  for (int64_t e = 0; e < kEpochs; ++e) {
    int64_t code = 0;
    for (int64_t item : epoch(order, e)) code = code * 4 + item;
    ++counts[static_cast<size_t>(code)];
  }
  EXPECT_EQ(std::count_if(counts.begin(), counts.end(), [](int n) { return n > 0; }), 24);
  double chi_square = 0;
  for (int n : counts) {
    if (n > 0) chi_square += (n - kEpochs / 24.0) * (n - kEpochs / 24.0) / (kEpochs / 24.0);
  }
  EXPECT_LE(chi_square, 62);  // 23 degrees of freedom: p = 2e-5
}

// Which item comes first is uniform over the set, also where the pairs do not fill a square.
TEST(ItemOrder, EveryItemIsEquallyOftenAtAPlace) {
  for (const int64_t size : {7, 30, 101}) {
    const ItemOrder order(5, size);
    std::vector<int> counts(static_cast<size_t>(size), 0);
    const int64_t epochs = 200 * size;
    for (int64_t e = 0; e < epochs; ++e) ++counts[static_cast<size_t>(order.item(e * size + 2))];
    double chi_square = 0;
    for (int n : counts) chi_square += (n - 200.0) * (n - 200.0) / 200.0;
    const double degrees = static_cast<double>(size - 1);
    EXPECT_LE(chi_square, degrees + 4.5 * std::sqrt(2 * degrees)) << size;
  }
}

TEST(ItemOrder, ReachesSetsThatNoMemoryHolds) {
  const int64_t size = int64_t{3} << 40;
  const ItemOrder order(1, size);
  std::set<int64_t> seen;
  int64_t low_half = 0;
  for (int64_t p = 0; p < 2000; ++p) {
    const int64_t item = order.item(5 * size + p);
    ASSERT_TRUE(item >= 0 && item < size);
    seen.insert(item);
    if (item < size / 2) ++low_half;
  }
  EXPECT_EQ(seen.size(), 2000u);
  EXPECT_TRUE(low_half >= 900 && low_half <= 1100) << low_half;
}

TEST(ItemOrder, RefusesWhatHasNoOrder) {
  EXPECT_EQ(fixture::refusal([] { ItemOrder(1, 0); }), "[order] wanted at least 1 item, got 0");
  EXPECT_EQ(fixture::refusal([] { ItemOrder(1, 5).item(-1); }),
            "[order] wanted a position of at least 0, got -1");
}

}  // namespace
}  // namespace secateur
