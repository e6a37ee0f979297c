#include "ops/vector/lane_sums.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tensor/rng.h"

namespace secateur {
namespace {

std::vector<float> draw_positive(int64_t count, const char* name) {
  Rng rng(7, name);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& v : values) v = static_cast<float>(rng.uniform(0, 1));
  return values;
}

TEST(LaneSums, AddEveryElementOfEveryLength) {
  for (int64_t count = 0; count < 70; ++count) {
    const std::vector<float> ones(static_cast<size_t>(count), 1.0f);
    const std::vector<float> twos(static_cast<size_t>(count), 2.0f);
    EXPECT_EQ(static_cast<double>(count), lane_sum(ones.data(), count));
    EXPECT_EQ(2.0 * static_cast<double>(count), lane_dot(ones.data(), twos.data(), count));
  }
}

// All terms are positive, so a plain float sum of this many would lose three digits.
TEST(LaneSums, KeepTheErrorOfALongSumThatOfAShortOne) {
  const int64_t count = 1000003;
  const std::vector<float> a = draw_positive(count, "lane_sums/a");
  const std::vector<float> b = draw_positive(count, "lane_sums/b");
  double sum = 0;
  double dot = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    sum += a[i];
    dot += static_cast<double>(a[i]) * b[i];
  }
  EXPECT_LE(std::abs(lane_sum(a.data(), count) - sum), 1e-7 * sum);
  EXPECT_LE(std::abs(lane_dot(a.data(), b.data(), count) - dot), 1e-7 * dot);
}

}  // namespace
}  // namespace secateur
