#include "tensor/symmetric_matrix.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr const char* kMatrix = "symmetric matrix";
constexpr int kMostSweeps = 60;
constexpr double kNegligible = 1e-30;  // of the squares, beside the diagonal

void require_square(std::span<const double> matrix, int64_t n) {
  require(n >= 1 && matrix.size() == static_cast<size_t>(n * n), kMatrix,
          "wanted {} x {} numbers, got {}", n, n, matrix.size());
  require(std::all_of(matrix.begin(), matrix.end(), [](double v) { return std::isfinite(v); }),
          kMatrix, "wanted finite numbers");
}

double squares_beside_diagonal(std::span<const double> a, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) sum += i == k ? 0 : a[i * n + k] * a[i * n + k];
  }
  return sum;
}

// Makes a[p, q] zero; rows of `vectors` turn along.
void rotate(std::vector<double>& a, std::vector<double>& vectors, size_t n, size_t p, size_t q) {
  const double beside = a[p * n + q];
  if (beside == 0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2 * beside);
  const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1);
  const double s = t * c;
  for (size_t k = 0; k < n; ++k) {  // columns
    const double x = a[k * n + p], y = a[k * n + q];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  const auto turn_rows = [&](std::vector<double>& m) {
    for (size_t k = 0; k < n; ++k) {
      const double x = m[p * n + k], y = m[q * n + k];
      m[p * n + k] = c * x - s * y;
      m[q * n + k] = s * x + c * y;
    }
  };
  turn_rows(a);
  turn_rows(vectors);
  a[p * n + q] = a[q * n + p] = 0;
}

// The lower factor of A = L L^T.
std::vector<double> cholesky(std::span<const double> matrix, size_t n) {
  std::vector<double> factor(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k <= i; ++k) {
      double sum = matrix[i * n + k];
      for (size_t j = 0; j < k; ++j) sum -= factor[i * n + j] * factor[k * n + j];
      if (i == k) {
        require(sum > 0, kMatrix, "wanted a positive definite matrix");
        factor[i * n + i] = std::sqrt(sum);
      } else {
        factor[i * n + k] = sum / factor[k * n + k];
      }
    }
  }
  return factor;
}

// x with L L^T x = y, in the place of y.
void solve_with_factor(const std::vector<double>& factor, size_t n, std::vector<double>& x) {
  for (size_t i = 0; i < n; ++i) {
    double sum = x[i];
    for (size_t k = 0; k < i; ++k) sum -= factor[i * n + k] * x[k];
    x[i] = sum / factor[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
}

}  // namespace

EigenSystem eigen_system(std::span<const double> matrix, int64_t count) {
  require_square(matrix, count);
  const auto n = static_cast<size_t>(count);
  std::vector<double> a(matrix.begin(), matrix.end());
  std::vector<double> vectors(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) vectors[i * n + i] = 1;
  const double all = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    if (squares_beside_diagonal(a, n) <= kNegligible * all) break;
    for (size_t p = 0; p < n; ++p) {
      for (size_t q = p + 1; q < n; ++q) rotate(a, vectors, n, p, q);
    }
  }
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t x, size_t y) { return a[x * n + x] > a[y * n + y]; });
  EigenSystem system;
  for (const size_t row : order) {
    system.values.push_back(a[row * n + row]);
    const auto begin = vectors.begin() + static_cast<std::ptrdiff_t>(row * n);
    const auto end = begin + static_cast<std::ptrdiff_t>(n);
    const double largest =
        *std::max_element(begin, end, [](double x, double y) { return std::abs(x) < std::abs(y); });
    for (auto v = begin; v != end; ++v) system.vectors.push_back(largest < 0 ? -*v : *v);
  }
  return system;
}

std::vector<double> solve_positive(std::span<const double> matrix, std::vector<double> y) {
  require_square(matrix, static_cast<int64_t>(y.size()));
  solve_with_factor(cholesky(matrix, y.size()), y.size(), y);
  return y;
}

PositiveInverse inverse_of(std::span<const double> matrix, int64_t count) {
  require_square(matrix, count);
  const auto n = static_cast<size_t>(count);
  const std::vector<double> factor = cholesky(matrix, n);
  PositiveInverse result{.inverse = std::vector<double>(n * n), .log_determinant = 0};
  for (size_t i = 0; i < n; ++i) result.log_determinant += 2 * std::log(factor[i * n + i]);
  for (size_t column = 0; column < n; ++column) {
    std::vector<double> x(n);
    x[column] = 1;
    solve_with_factor(factor, n, x);
    for (size_t i = 0; i < n; ++i) result.inverse[i * n + column] = x[i];
  }
  return result;
}

}  // namespace secateur
