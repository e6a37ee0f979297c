#include "compression/rate_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace secateur {
namespace {

TEST(RateTable, CountsSizesAndSigns) {
  std::vector<int32_t> sizes(20000);
  for (size_t i = 0; i < sizes.size(); ++i) sizes[i] = i % 4 == 0 ? 1 : 0;
  const std::vector<int32_t> bands = {0};
  const RateTable rates(sizes, bands, 1);
  EXPECT_LE(std::abs(rates.bits(0, 0) - std::log2(4.0 / 3.0)), 0.01);
  EXPECT_LE(std::abs(rates.bits(0, 1) - 3.0), 0.01);  // one in four, and a sign
  EXPECT_GE(rates.bits(0, 2), 10.0);                  // never seen, but possible
  EXPECT_GT(rates.bits(0, 1000), rates.bits(0, 20));
}

TEST(RateTable, BandsHaveTheirOwn) {
  std::vector<int32_t> sizes;
  for (int i = 0; i < 5000; ++i) {
    sizes.push_back(5);
    sizes.push_back(0);
  }
  const std::vector<int32_t> bands = {0, 1};
  const RateTable rates(sizes, bands, 2);
  EXPECT_LE(rates.bits(0, 5), 1.01);
  EXPECT_LE(rates.bits(1, 0), 0.01);
  EXPECT_GE(rates.bits(0, 0), 5.0);
}

}  // namespace
}  // namespace secateur
