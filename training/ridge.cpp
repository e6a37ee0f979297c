#include "training/ridge.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr const char* kRidge = "ridge";

// Penalties of the grid: the mean eigenvalue of K times 10^(-4), 10^(-3.5), ..., 10^4.
constexpr int kPenalties = 17;
constexpr double kLeastExponent = -4;
constexpr double kExponentStep = 0.5;

void subtract_mean(std::span<double> values) {
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

// The tridiagonal matrix plus a penalty on its diagonal, which makes it positive definite.
struct Ridge::Shifted {
  Shifted(const Ridge& ridge, double penalty)
      : beside(ridge.beside_), pivots(ridge.diagonal_), trace_of_inverse(0) {
    const size_t n = pivots.size();
    for (double& value : pivots) value += penalty;
    const std::vector<double> shifted = pivots;
    // Pivots of the elimination from the top, and from the bottom; together they give the diagonal
    // of the inverse.
    std::vector<double> from_below = pivots;
    for (size_t i = 1; i < n; ++i) {
      pivots[i] -= beside[i - 1] * beside[i - 1] / pivots[i - 1];
      const size_t k = n - 1 - i;
      from_below[k] -= beside[k] * beside[k] / from_below[k + 1];
    }
    for (size_t i = 0; i < n; ++i) {
      trace_of_inverse += 1 / (pivots[i] + from_below[i] - shifted[i]);
    }
  }

  void solve(std::span<double> y) const {
    for (size_t i = 1; i < y.size(); ++i) y[i] -= beside[i - 1] / pivots[i - 1] * y[i - 1];
    y.back() /= pivots.back();
    for (size_t i = y.size() - 1; i-- > 0;) y[i] = (y[i] - beside[i] * y[i + 1]) / pivots[i];
  }

  const std::vector<double>& beside;
  std::vector<double> pivots;
  double trace_of_inverse;
};

Ridge::Ridge(std::vector<double> kernel) : kernel_(std::move(kernel)) {
  n_ = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(kernel_.size()))));
  require(n_ * n_ == kernel_.size() && n_ >= 3, kRidge,
          "wanted the kernel of at least 3 samples, got {} numbers", kernel_.size());
  require(std::all_of(kernel_.begin(), kernel_.end(), [](double v) { return std::isfinite(v); }),
          kRidge, "wanted finite features");
  centre();
  make_tridiagonal();
}

void Ridge::centre() {
  // Of a symmetric matrix the means of its columns are those of its rows.
  std::vector<double> means(n_);
  for (size_t row = 0; row < n_; ++row) {
    const std::span values = std::span(kernel_).subspan(row * n_, n_);
    means[row] = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(n_);
  }
  const double all = std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(n_);
  for (size_t row = 0; row < n_; ++row) {
    for (size_t column = 0; column < n_; ++column) {
      at(row, column) += all - (means[row] + means[column]);
    }
  }
}

// Golub and Van Loan, Matrix Computations, section 8.3: what is left of K behind row k becomes
// A - v w^T - w v^T. The reflection's vector takes the place of the row.
void Ridge::make_tridiagonal() {
  factors_.assign(n_, 0.0);
  diagonal_.resize(n_);
  beside_.assign(n_ - 1, 0.0);
  std::vector<double> w(n_);
  for (size_t k = 0; k + 1 < n_; ++k) {
    diagonal_[k] = at(k, k);
    const std::span v = std::span(kernel_).subspan(k * n_ + k + 1, n_ - k - 1);
    const double rest = dot(v.subspan(1), v.subspan(1));
    if (rest == 0) {
      beside_[k] = v[0];
      continue;
    }
    const double length = std::sqrt(v[0] * v[0] + rest);
    beside_[k] = v[0] > 0 ? -length : length;
    v[0] -= beside_[k];
    factors_[k] = 2 / (v[0] * v[0] + rest);
    std::fill(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(v.size()), 0.0);
    for (size_t i = 0; i < v.size(); ++i) {
      const double* const row = &at(k + 1 + i, k + 1);
      const double scale = factors_[k] * v[i];
      for (size_t j = 0; j < v.size(); ++j) w[j] += scale * row[j];
    }
    const double share = factors_[k] / 2 * dot(v, std::span(w).first(v.size()));
    for (size_t i = 0; i < v.size(); ++i) w[i] -= share * v[i];
    for (size_t i = 0; i < v.size(); ++i) {
      double* const row = &at(k + 1 + i, k + 1);
      for (size_t j = 0; j < v.size(); ++j) row[j] -= v[i] * w[j] + w[i] * v[j];
    }
  }
  diagonal_.back() = at(n_ - 1, n_ - 1);
}

void Ridge::reflect(std::span<double> y, size_t which) const {
  if (factors_[which] == 0) return;
  const size_t first = which + 1;
  const std::span v = std::span(kernel_).subspan(which * n_ + first, n_ - first);
  const double scale = factors_[which] * dot(v, y.subspan(first));
  for (size_t i = 0; i < v.size(); ++i) y[first + i] -= scale * v[i];
}

RidgeFit Ridge::fit(std::span<const double> y) const {
  require(y.size() == n_, kRidge, "wanted {} responses, got {}", n_, y.size());
  std::vector<double> rotated(y.begin(), y.end());
  subtract_mean(rotated);
  for (size_t k = 0; k + 1 < n_; ++k) reflect(rotated, k);
  const double samples = static_cast<double>(n_);
  const double mean_eigenvalue = std::accumulate(diagonal_.begin(), diagonal_.end(), 0.0) / samples;
  RidgeFit best{.penalty = 0, .gcv = dot(rotated, rotated) / samples, .dual = {}};
  best.dual.assign(n_, 0.0);
  if (!(mean_eigenvalue > 0)) return best;
  for (int i = 0; i < kPenalties; ++i) {
    const double penalty = mean_eigenvalue * std::pow(10.0, kLeastExponent + kExponentStep * i);
    const Shifted shifted(*this, penalty);
    std::vector<double> dual = rotated;
    shifted.solve(dual);
    const double free = (penalty * shifted.trace_of_inverse - 1) / samples;
    const double gcv = penalty * penalty * dot(dual, dual) / samples / (free * free);
    if (i == 0 || gcv < best.gcv) best = {penalty, gcv, std::move(dual)};
  }
  for (size_t k = n_ - 1; k-- > 0;) reflect(best.dual, k);
  return best;
}

}  // namespace secateur
