#include "interpretation/representation/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

std::vector<double> random_gains(int64_t rows, int64_t columns, uint64_t seed) {
  Rng rng(seed, "gains");
  std::vector<double> gains(static_cast<size_t>(rows * columns));
  for (double& g : gains) g = static_cast<double>(rng.below(20)) - 5;  // with ties
  return gains;
}

// Of a square table, by trying every permutation.
double best_by_trying(const std::vector<double>& gains, size_t n) {
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  double best = -INFINITY;
  do {
    double sum = 0;
    for (size_t r = 0; r < n; ++r) sum += gains[r * n + order[r]];
    best = std::max(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

double sum_of(const std::vector<double>& gains, int64_t columns,
              const std::vector<int64_t>& columns_of) {
  double sum = 0;
  std::vector<int64_t> used;
  for (size_t r = 0; r < columns_of.size(); ++r) {
    if (columns_of[r] < 0) continue;
    EXPECT_EQ(std::count(used.begin(), used.end(), columns_of[r]), 0);
    used.push_back(columns_of[r]);
    sum += gains[r * static_cast<size_t>(columns) + static_cast<size_t>(columns_of[r])];
  }
  return sum;
}

TEST(BestAssignment, IsTheBestOfAllPermutations) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const int64_t n = 1 + static_cast<int64_t>(seed % 6);
    const std::vector<double> gains = random_gains(n, n, seed);
    EXPECT_EQ(sum_of(gains, n, best_assignment(gains, n, n)),
              best_by_trying(gains, static_cast<size_t>(n)))
        << seed;
  }
}

// scipy.optimize.linear_sum_assignment(-g) of g[i, k] = (7 i i + 5 k k + 3 i k) mod 17.
TEST(BestAssignment, OfARectangleIsWhatScipySays) {
  std::vector<double> gains, turned(24);
  for (int i = 0; i < 4; ++i) {
    for (int k = 0; k < 6; ++k) {
      gains.push_back((7 * i * i + 5 * k * k + 3 * i * k) % 17);
      turned[static_cast<size_t>(k * 4 + i)] = gains.back();
    }
  }
  EXPECT_EQ(sum_of(gains, 6, best_assignment(gains, 4, 6)), 57);
  const std::vector<int64_t> columns_of = best_assignment(turned, 6, 4);
  EXPECT_EQ(sum_of(turned, 4, columns_of), 57);
  EXPECT_EQ(std::count(columns_of.begin(), columns_of.end(), -1), 2);
}

TEST(BestAssignment, OfNothingIsNothing) {
  EXPECT_TRUE(best_assignment({}, 0, 0).empty());
  EXPECT_EQ(best_assignment({}, 2, 0), (std::vector<int64_t>{-1, -1}));
  EXPECT_THROW(best_assignment(std::vector<double>{1, 2}, 1, 3), Error);
  EXPECT_THROW(best_assignment(std::vector<double>{NAN}, 1, 1), Error);
}

}  // namespace
}  // namespace secateur
