#include "tensor/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/error.h"

namespace secateur {
namespace {

// Below this many terms a plain loop is as accurate as the tree and faster.
constexpr int64_t kLeaf = 32;

template <class Term>
double tree_sum(int64_t begin, int64_t end, const Term& term) {
  if (end - begin <= kLeaf) {
    double sum = 0.0;
    for (int64_t i = begin; i < end; ++i) sum += term(i);
    return sum;
  }
  const int64_t middle = begin + (end - begin) / 2;
  return tree_sum(begin, middle, term) + tree_sum(middle, end, term);
}

template <class T>
double mean_impl(std::span<const T> values) {
  require(!values.empty(), "statistics", "wanted at least one value for a mean, got none");
  const auto count = static_cast<int64_t>(values.size());
  const double sum = tree_sum(
      0, count, [&](int64_t i) { return static_cast<double>(values[static_cast<size_t>(i)]); });
  return sum / static_cast<double>(count);
}

template <class T>
bool is_constant(std::span<const T> values) {
  return std::all_of(values.begin(), values.end(), [&](T v) { return v == values[0]; });
}

// Sum over i of (a[i] - mean_a) (b[i] - mean_b).
template <class T>
double centred_product(std::span<const T> a, double mean_a, std::span<const T> b, double mean_b) {
  return tree_sum(0, static_cast<int64_t>(a.size()), [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    return (static_cast<double>(a[at]) - mean_a) * (static_cast<double>(b[at]) - mean_b);
  });
}

template <class T>
double variance_impl(std::span<const T> values, int64_t ddof) {
  const auto count = static_cast<int64_t>(values.size());
  require(ddof >= 0 && count > ddof, "statistics",
          "wanted more values than the {} degrees of freedom taken off, got {}", ddof, count);
  if (is_constant(values)) return 0.0;
  const double mean = mean_impl(values);
  return centred_product(values, mean, values, mean) / static_cast<double>(count - ddof);
}

template <class T>
double correlation_impl(std::span<const T> a, std::span<const T> b) {
  require(a.size() == b.size() && !a.empty(), "statistics",
          "wanted two lists of the same length for a correlation, got {} and {} values", a.size(),
          b.size());
  // Asked of the values and not of the variance: the mean of equal numbers may be off by one bit.
  if (is_constant(a) || is_constant(b)) return 0.0;
  const double mean_a = mean_impl(a);
  const double mean_b = mean_impl(b);
  const double power_a = std::sqrt(centred_product(a, mean_a, a, mean_a));
  const double power_b = std::sqrt(centred_product(b, mean_b, b, mean_b));
  const double r = centred_product(a, mean_a, b, mean_b) / (power_a * power_b);
  return std::clamp(r, -1.0, 1.0);
}

double squared(double x) { return x * x; }

}  // namespace

std::vector<double> column(const Tensor& table, int64_t which) {
  require(table.shape().rank() == 2 && which >= 0 && which < table.dim(1), "statistics",
          "wanted a table [rows, columns] and one of its columns, got {} and {}", table.shape(),
          which);
  std::vector<double> values;
  for (int64_t i = 0; i < table.dim(0); ++i) values.push_back(table[i * table.dim(1) + which]);
  return values;
}

Tensor columns(const Tensor& table, std::span<const int64_t> which) {
  Tensor chosen(Shape{table.dim(0), static_cast<int64_t>(which.size())});
  for (size_t c = 0; c < which.size(); ++c) {
    const std::vector<double> values = column(table, which[c]);
    for (size_t i = 0; i < values.size(); ++i) {
      chosen[static_cast<int64_t>(i * which.size() + c)] = static_cast<float>(values[i]);
    }
  }
  return chosen;
}

double pairwise_sum(std::span<const double> values) {
  return tree_sum(0, static_cast<int64_t>(values.size()),
                  [&](int64_t i) { return values[static_cast<size_t>(i)]; });
}

double mean_of(std::span<const double> values) { return mean_impl(values); }
double mean_of(std::span<const float> values) { return mean_impl(values); }

double variance_of(std::span<const double> values, int64_t ddof) {
  return variance_impl(values, ddof);
}
double variance_of(std::span<const float> values, int64_t ddof) {
  return variance_impl(values, ddof);
}

double correlation(std::span<const double> a, std::span<const double> b) {
  return correlation_impl(a, b);
}
double correlation(std::span<const float> a, std::span<const float> b) {
  return correlation_impl(a, b);
}

double squared_correlation(std::span<const double> a, std::span<const double> b) {
  return squared(correlation_impl(a, b));
}
double squared_correlation(std::span<const float> a, std::span<const float> b) {
  return squared(correlation_impl(a, b));
}

double quantile_of(std::span<const double> values, double fraction) {
  require(!values.empty(), "statistics", "wanted at least one value for a quantile, got none");
  require(fraction >= 0.0 && fraction <= 1.0, "statistics",
          "wanted a quantile fraction in [0, 1], got {}", fraction);
  std::vector<double> sorted(values.begin(), values.end());
  for (double v : sorted) {
    require(!std::isnan(v), "statistics", "wanted numbers for a quantile, got NaN");
  }
  std::sort(sorted.begin(), sorted.end());
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto lower = static_cast<size_t>(std::floor(place));
  const double rest = place - std::floor(place);
  if (rest == 0.0) return sorted[lower];  // also keeps the last value from looking past the end
  return sorted[lower] + rest * (sorted[lower + 1] - sorted[lower]);
}

double median_of(std::span<const double> values) { return quantile_of(values, 0.5); }

}  // namespace secateur
