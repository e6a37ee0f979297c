#pragma once
// Semi-nonnegative matrix factorisation (Ding, Li, Jordan, IEEE Trans Pattern Anal Mach Intell
// 32:45, 2010): items x_i of either sign as sums of few factors with weights of at least 0,
//   x_i ~ sum over k of weights[i, k] factors[k],
// so that the squared error over all items is small. Unlike principal components no factor is
// subtracted: an item is made of parts.
//
// Steps, with X [items, size], G the weights and F the factors:
//   F <- (G^T G)^-1 G^T X
//   G, weight by weight: g_ik <- max(0, g_ik + (A - G B)_ik / B_kk),   A = X F^T, B = F F^T
// coordinate descent (Gillis and Kumar, SIAM J Matrix Anal Appl 36:1404, 2015), which makes the
// error of Ding's multiplicative updates sooner, and weights that are 0. Steps end when the error
// falls by less than kSemiNmfTolerance of itself over ten of them or kMostSemiNmfSteps are done; it
// never grows. Starts are groups by k-means (item_groups.h) from Rng(seed, "semi-nmf/start",
// number); the best of kSemiNmfStarts is kept. The minimum is a local one, and factors are known
// only as far as weights of at least 0 tell them: f1 - c f2 does as well as f1 wherever weights
// leave room for it. All in double; the bits do not depend on the number of threads.

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/observer.h"

namespace secateur {

inline constexpr double kSemiNmfTolerance = 1e-4;
inline constexpr int kMostSemiNmfSteps = 500;
inline constexpr int kSemiNmfStarts = 4;

struct ItemTable {
  int64_t items = 0;
  int64_t size = 0;
  std::vector<double> values;  // [items, size]
};

struct SemiNmf {
  int64_t factors_count = 0;
  std::vector<double> factors;  // [factors, size], of length 1, by their share from the largest on
  std::vector<double> weights;  // [items, factors], at least 0
  std::vector<double> shares;   // [factors]: of the sum of squared weights
  double explained = 0;         // 1 - squared error / squared length of the items
  int steps = 0;
};

// Throws Error(kBadInput) unless 1 <= factors <= min(items, size), all values are finite and not
// all 0.
SemiNmf semi_nmf(const ItemTable& table, int64_t factors, uint64_t seed, Observer& observer);

// How well each number of factors predicts entries that the fit did not see: 1 of 10, drawn from
// Rng(seed, "semi-nmf/held out", item), kHeldOutMasks times, each from one start. In the fit they
// stand at what it predicts for them (expectation-maximisation).
struct FactorChoice {
  std::vector<int64_t> factors;        // tried
  std::vector<double> held_out_error;  // of each: squared error over squared length, mean of masks
  int64_t chosen = 0;                  // the number with the least error
};

inline constexpr int64_t kHeldOutMasks = 3;

// Tries the numbers given. Throws as semi_nmf() does, and Error(kUsage) for no number.
FactorChoice choose_factors(const ItemTable& table, std::span<const int64_t> numbers, uint64_t seed,
                            Observer& observer);

}  // namespace secateur
