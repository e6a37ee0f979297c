#include "training/tridiagonal.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace secateur {
namespace {

double product(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

// Golub and Van Loan, Matrix Computations, section 8.3: what is left of A behind row k becomes
// A - v w^T - w v^T. The reflection's vector takes the place of the row.
Tridiagonal::Tridiagonal(std::vector<double> matrix, size_t n)
    : n_(n), matrix_(std::move(matrix)), factors_(n, 0.0), diagonal_(n), beside_(n - 1, 0.0) {
  std::vector<double> w(n_);
  for (size_t k = 0; k + 1 < n_; ++k) {
    diagonal_[k] = at(k, k);
    const std::span v = std::span(matrix_).subspan(k * n_ + k + 1, n_ - k - 1);
    const double rest = product(v.subspan(1), v.subspan(1));
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
    const double share = factors_[k] / 2 * product(v, std::span(w).first(v.size()));
    for (size_t i = 0; i < v.size(); ++i) w[i] -= share * v[i];
    for (size_t i = 0; i < v.size(); ++i) {
      double* const row = &at(k + 1 + i, k + 1);
      for (size_t j = 0; j < v.size(); ++j) row[j] -= v[i] * w[j] + w[i] * v[j];
    }
  }
  diagonal_.back() = at(n_ - 1, n_ - 1);
}

double Tridiagonal::mean_eigenvalue() const {
  return std::accumulate(diagonal_.begin(), diagonal_.end(), 0.0) / static_cast<double>(n_);
}

void Tridiagonal::reflect(std::span<double> y, size_t which) const {
  if (factors_[which] == 0) return;
  const size_t first = which + 1;
  const std::span v = std::span(matrix_).subspan(which * n_ + first, n_ - first);
  const double scale = factors_[which] * product(v, y.subspan(first));
  for (size_t i = 0; i < v.size(); ++i) y[first + i] -= scale * v[i];
}

void Tridiagonal::rotate(std::span<double> y) const {
  for (size_t k = 0; k + 1 < n_; ++k) reflect(y, k);
}

void Tridiagonal::rotate_back(std::span<double> y) const {
  for (size_t k = n_ - 1; k-- > 0;) reflect(y, k);
}

Tridiagonal::Shifted::Shifted(const Tridiagonal& matrix, double shift)
    : shift_(shift), beside_(matrix.beside_), pivots_(matrix.diagonal_) {
  const size_t n = pivots_.size();
  for (double& value : pivots_) value += shift;
  const std::vector<double> shifted = pivots_;
  // Pivots of the elimination from the top, and from the bottom; together they give the diagonal
  // of the inverse.
  std::vector<double> from_below = pivots_;
  for (size_t i = 1; i < n; ++i) {
    pivots_[i] -= beside_[i - 1] * beside_[i - 1] / pivots_[i - 1];
    const size_t k = n - 1 - i;
    from_below[k] -= beside_[k] * beside_[k] / from_below[k + 1];
  }
  for (size_t i = 0; i < n; ++i) {
    trace_of_inverse_ += 1 / (pivots_[i] + from_below[i] - shifted[i]);
  }
}

void Tridiagonal::Shifted::solve(std::span<double> y) const {
  for (size_t i = 1; i < y.size(); ++i) y[i] -= beside_[i - 1] / pivots_[i - 1] * y[i - 1];
  y.back() /= pivots_.back();
  for (size_t i = y.size() - 1; i-- > 0;) y[i] = (y[i] - beside_[i] * y[i + 1]) / pivots_[i];
}

}  // namespace secateur
