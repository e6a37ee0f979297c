#pragma once
// Mean, variance, correlation and quantiles of lists of numbers, in double.
//
// Sums are pairwise over a fixed tree that depends on the length only, and second moments are taken
// around the mean (two passes), so a large offset costs no digits and the bits never depend on
// threads. NaN in gives NaN out, except where a comparison says otherwise below.

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// Column `which` of a table [rows, columns].
std::vector<double> column(const Tensor& table, int64_t which);

// The table of these columns, in this order.
Tensor columns(const Tensor& table, std::span<const int64_t> which);

// Sum and mean. The sum of nothing is 0; the mean of nothing throws Error(kBadInput).
double pairwise_sum(std::span<const double> values);
double mean_of(std::span<const double> values);
double mean_of(std::span<const float> values);

// Sum of squares around the mean divided by (count - ddof). Throws Error(kBadInput) unless
// count > ddof >= 0. Exactly 0 when all values are equal.
double variance_of(std::span<const double> values, int64_t ddof);
double variance_of(std::span<const float> values, int64_t ddof);

// Pearson correlation, in [-1, 1]; 0 when either list is constant, because a constant explains
// nothing. Throws Error(kBadInput) when the lengths differ or are 0.
double correlation(std::span<const double> a, std::span<const double> b);
double correlation(std::span<const float> a, std::span<const float> b);

// correlation(a, b) squared, with the same convention for constants.
double squared_correlation(std::span<const double> a, std::span<const double> b);
double squared_correlation(std::span<const float> a, std::span<const float> b);

// Value at `fraction` in [0, 1] of the sorted list, linear between neighbours; the median is the
// fraction 0.5. The order of `values` does not matter. Throws Error(kBadInput) for an empty list, a
// NaN in it, or a fraction outside [0, 1].
double quantile_of(std::span<const double> values, double fraction);
double median_of(std::span<const double> values);

}  // namespace secateur
