#include "training/ridge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ops/matmul/matmul.h"
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

// Of a symmetric matrix the means of its columns are those of its rows.
void centre_rows_and_columns(std::span<double> kernel, size_t n) {
  std::vector<double> means(n);
  for (size_t row = 0; row < n; ++row) {
    const std::span values = kernel.subspan(row * n, n);
    means[row] = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(n);
  }
  const double all = std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(n);
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = 0; column < n; ++column) {
      kernel[row * n + column] += all - (means[row] + means[column]);
    }
  }
}

// For the mean eigenvalue of the kernel; nothing where it is 0.
// `free`: the degrees of freedom that are left.
double gcv_of(double residual, double samples, double free) {
  if (!(free > 0)) return std::numeric_limits<double>::infinity();
  return residual / samples / ((free / samples) * (free / samples));
}

std::vector<Tridiagonal::Shifted> penalty_grid(const Tridiagonal& matrix, double mean_eigenvalue) {
  std::vector<Tridiagonal::Shifted> grid;
  if (!(mean_eigenvalue > 0)) return grid;
  for (int i = 0; i < kPenalties; ++i) {
    grid.emplace_back(matrix, mean_eigenvalue * std::pow(10.0, kLeastExponent + kExponentStep * i));
  }
  return grid;
}

}  // namespace

Ridge::Ridge(std::vector<double> kernel) {
  const auto n = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(kernel.size()))));
  require(n * n == kernel.size() && n >= 3, kRidge,
          "wanted the kernel of at least 3 samples, got {} numbers", kernel.size());
  require(std::all_of(kernel.begin(), kernel.end(), [](double v) { return std::isfinite(v); }),
          kRidge, "wanted finite features");
  centre_rows_and_columns(kernel, n);
  kernel_ = Tridiagonal(std::move(kernel), n);
  grid_ = penalty_grid(kernel_, kernel_.mean_eigenvalue());
}

RidgeFit Ridge::fit(std::span<const double> y, double cost) const {
  require(y.size() == kernel_.size(), kRidge, "wanted {} responses, got {}", kernel_.size(),
          y.size());
  std::vector<double> rotated(y.begin(), y.end());
  subtract_mean(rotated);
  kernel_.rotate(rotated);
  const double samples = static_cast<double>(y.size());
  RidgeFit best{.penalty = 0, .gcv = dot(rotated, rotated) / samples, .dual = {}};
  best.dual.assign(y.size(), 0.0);
  for (const Tridiagonal::Shifted& shifted : grid_) {
    std::vector<double> dual = rotated;
    shifted.solve(dual);
    const double penalty = shifted.shift();
    const double fitted = samples - penalty * shifted.trace_of_inverse();
    const double gcv =
        gcv_of(penalty * penalty * dot(dual, dual), samples, samples - cost * fitted - 1);
    if (&shifted == &grid_.front() || gcv <= best.gcv) {
      best = {penalty, gcv, std::move(dual)};
    }
  }
  kernel_.rotate_back(best.dual);
  return best;
}

FeatureRidge::FeatureRidge(const Tensor& features)
    : samples_(static_cast<size_t>(features.dim(0))),
      means_(static_cast<size_t>(features.dim(1))),
      centred_(features.clone()) {
  const int64_t count = features.dim(1);
  for (int64_t i = 0; i < features.numel(); ++i) {
    means_[static_cast<size_t>(i % count)] += static_cast<double>(features[i]);
  }
  for (double& mean : means_) mean /= static_cast<double>(samples_);
  for (int64_t i = 0; i < features.numel(); ++i) {
    centred_[i] = static_cast<float>(features[i] - means_[static_cast<size_t>(i % count)]);
  }
  const Variable x(centred_);
  const bool few = means_.size() < samples_;
  const Tensor products = few ? matmul(x, x, {.transpose_a = true}).value()
                              : matmul(x, x, {.transpose_b = true}).value();
  std::vector<double> matrix(products.values().begin(), products.values().end());
  if (!few) {
    kernel_.emplace(std::move(matrix));
    return;
  }
  require(std::all_of(matrix.begin(), matrix.end(), [](double v) { return std::isfinite(v); }),
          kRidge, "wanted finite features");
  covariance_ = Tridiagonal(std::move(matrix), means_.size());
  // K has the same eigenvalues, and zeros.
  const double share = static_cast<double>(means_.size()) / static_cast<double>(samples_);
  grid_ = penalty_grid(covariance_, covariance_.mean_eigenvalue() * share);
}

std::vector<double> FeatureRidge::transposed_times(std::span<const double> samples) const {
  std::vector<double> sums(means_.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const float* const row = std::as_const(centred_).data() + i * sums.size();
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += samples[i] * row[k];
  }
  return sums;
}

// With b = X^T y the residual of weights w = (X^T X + p I)^-1 b is y.y - b.w - p w.w, and the trace
// of the n x n matrix H is that of X^T X (X^T X + p I)^-1.
FeatureRidge::Fit FeatureRidge::fit_few(std::span<const double> y, double cost) const {
  require(y.size() == samples_, kRidge, "wanted {} responses, got {}", samples_, y.size());
  std::vector<double> wanted(y.begin(), y.end());
  subtract_mean(wanted);
  std::vector<double> rotated = transposed_times(wanted);
  covariance_.rotate(rotated);
  const double samples = static_cast<double>(samples_);
  const double squares = dot(wanted, wanted);
  Fit best{.penalty = 0, .gcv = squares / samples, .weights = {}, .offset = 0};
  best.weights.assign(means_.size(), 0.0);
  for (const Tridiagonal::Shifted& shifted : grid_) {
    std::vector<double> weights = rotated;
    shifted.solve(weights);
    const double penalty = shifted.shift();
    const double residual =
        std::max(0.0, squares - dot(rotated, weights) - penalty * dot(weights, weights));
    const double fitted =
        static_cast<double>(weights.size()) - penalty * shifted.trace_of_inverse();
    const double gcv = gcv_of(residual, samples, samples - cost * fitted - 1);
    if (&shifted == &grid_.front() || gcv <= best.gcv) {
      best = {.penalty = penalty, .gcv = gcv, .weights = std::move(weights), .offset = 0};
    }
  }
  covariance_.rotate_back(best.weights);
  return best;
}

FeatureRidge::Fit FeatureRidge::fit(std::span<const double> y, double cost) const {
  Fit found;
  if (kernel_) {
    const RidgeFit dual = kernel_->fit(y, cost);
    found = {.penalty = dual.penalty,
             .gcv = dual.gcv,
             .weights = transposed_times(dual.dual),
             .offset = 0};
  } else {
    found = fit_few(y, cost);
  }
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(samples_);
  found.offset = mean - dot(found.weights, means_);
  return found;
}

}  // namespace secateur
