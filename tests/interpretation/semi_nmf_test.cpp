#include "interpretation/representation/semi_nmf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tests/watching.h"

namespace secateur {
namespace {

struct Planted {
  ItemTable table;
  std::vector<double> factors;  // [count, size], of length 1
};

// Items of one or two of `count` factors of either sign, weights 0.5 to 1.5, and noise.
Planted planted(int64_t count, int64_t items, double noise, uint64_t seed) {
  constexpr int64_t kSize = 25;
  Planted p{.table = {.items = items, .size = kSize, .values = {}}, .factors = {}};
  Rng rng(seed, "planted");
  for (int64_t k = 0; k < count; ++k) {
    std::vector<double> factor(kSize);
    double squares = 0;
    for (double& v : factor) {
      v = rng.normal();
      squares += v * v;
    }
    for (const double v : factor) p.factors.push_back(v / std::sqrt(squares));
  }
  for (int64_t i = 0; i < items; ++i) {
    const int64_t a = i % count;
    const int64_t b = rng.below(2) == 0 ? a : rng.below(count);
    const double wa = rng.uniform(0.5, 1.5);
    const double wb = b == a ? 0 : rng.uniform(0.5, 1.5);
    for (int64_t d = 0; d < kSize; ++d) {
      p.table.values.push_back(wa * p.factors[static_cast<size_t>(a * kSize + d)] +
                               wb * p.factors[static_cast<size_t>(b * kSize + d)] +
                               noise * rng.normal());
    }
  }
  return p;
}

// Of each planted factor the largest cosine to one that was found; the smallest of these.
double worst_recovery(const std::vector<double>& truth, const SemiNmf& found) {
  double worst = 1;
  for (size_t k = 0; k < truth.size() / 25; ++k) {
    double best = -1;
    for (int64_t f = 0; f < found.factors_count; ++f) {
      double cosine = 0;
      for (size_t d = 0; d < 25; ++d) {
        cosine += truth[k * 25 + d] * found.factors[static_cast<size_t>(f) * 25 + d];
      }
      best = std::max(best, cosine);
    }
    worst = std::min(worst, best);
  }
  return worst;
}

// Not to the last digit, even without noise: see the header on what weights leave open.
TEST(SemiNmf, FindsPlantedFactors) {
  const Planted p = planted(4, 200, 0.03, 1);
  Observer nobody;
  const SemiNmf found = semi_nmf(p.table, 4, 1, nobody);
  EXPECT_GE(worst_recovery(p.factors, found), 0.95);
  EXPECT_GE(found.explained, 0.97);
  EXPECT_GE(*std::min_element(found.weights.begin(), found.weights.end()), 0);
  EXPECT_TRUE(std::is_sorted(found.shares.rbegin(), found.shares.rend()));
  EXPECT_LE(found.steps, kMostSemiNmfSteps);
}

// The error that it says is that of the product of what it returns.
TEST(SemiNmf, ExplainsWhatItsFactorsMake) {
  const Planted p = planted(3, 60, 0.2, 2);
  Observer nobody;
  const SemiNmf found = semi_nmf(p.table, 2, 1, nobody);
  double error = 0;
  double whole = 0;
  for (size_t i = 0; i < 60; ++i) {
    for (size_t d = 0; d < 25; ++d) {
      const double v = p.table.values[i * 25 + d];
      const double made = found.weights[i * 2] * found.factors[d] +
                          found.weights[i * 2 + 1] * found.factors[25 + d];
      error += (v - made) * (v - made);
      whole += v * v;
    }
  }
  EXPECT_NEAR(found.explained, 1 - error / whole, 1e-9);
}

// Weights of at least 0: opposite kernels are two factors, where one principal axis would do.
TEST(SemiNmf, HoldsOppositeItemsApart) {
  ItemTable table{.items = 8, .size = 3, .values = {}};
  for (int i = 0; i < 8; ++i) {
    for (const double v : {1.0, -2.0, 0.5}) table.values.push_back(i % 2 == 0 ? v : -v);
  }
  Observer nobody;
  EXPECT_LE(semi_nmf(table, 1, 1, nobody).explained, 0.6);
  EXPECT_NEAR(semi_nmf(table, 2, 1, nobody).explained, 1, 1e-6);
}

TEST(SemiNmf, ChoosesThePlantedNumberByHeldOutEntries) {
  const Planted p = planted(4, 200, 0.05, 3);
  const std::vector<int64_t> numbers = {2, 3, 4, 5, 7};
  Watching watched;
  const FactorChoice choice = choose_factors(p.table, numbers, 1, watched);
  EXPECT_EQ(choice.chosen, 4);
  EXPECT_EQ(choice.factors, numbers);
  EXPECT_GE(choice.held_out_error[0], 2 * choice.held_out_error[2]);
  // The noise, 0.05^2 an entry, is what nobody can predict.
  double squares = 0;
  for (const double v : p.table.values) squares += v * v;
  const double noise = 0.05 * 0.05 * static_cast<double>(p.table.values.size()) / squares;
  EXPECT_GE(choice.held_out_error[2], 0.9 * noise);
  EXPECT_LE(choice.held_out_error[2], 1.4 * noise);
  EXPECT_EQ(watched.heard.back().done, 5);
  EXPECT_THROW(choose_factors(p.table, {}, 1, watched), Error);
}

TEST(SemiNmf, HasTheSameBitsOnAnyNumberOfThreads) {
  const Planted p = planted(3, 300, 0.1, 4);  // two blocks of items
  Observer nobody;
  set_thread_budget(1);
  const SemiNmf one = semi_nmf(p.table, 3, 1, nobody);
  set_thread_budget(3);
  const SemiNmf three = semi_nmf(p.table, 3, 1, nobody);
  set_thread_budget(0);
  EXPECT_EQ(one.factors, three.factors);
  EXPECT_EQ(one.weights, three.weights);
}

TEST(SemiNmf, RefusesWhatItCannotFactor) {
  Observer nobody;
  ItemTable table{.items = 2, .size = 2, .values = {1, 2, 3, 4}};
  EXPECT_THROW(semi_nmf(table, 0, 1, nobody), Error);
  EXPECT_THROW(semi_nmf(table, 3, 1, nobody), Error);
  table.values[0] = NAN;
  EXPECT_THROW(semi_nmf(table, 1, 1, nobody), Error);
  table.values = {0, 0, 0, 0};
  EXPECT_THROW(semi_nmf(table, 1, 1, nobody), Error);
  table.values = {1, 2, 3};
  EXPECT_THROW(semi_nmf(table, 1, 1, nobody), Error);
  table.values = {1, 2, 3, 4};
  Watching stopping(1);
  EXPECT_THROW(semi_nmf(table, 1, 1, stopping), Stopped);
}

}  // namespace
}  // namespace secateur
