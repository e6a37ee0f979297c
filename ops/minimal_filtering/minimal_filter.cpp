#include "ops/minimal_filtering/minimal_filter.h"

#include <algorithm>
#include <array>
#include <vector>

namespace secateur {
namespace {

constexpr double kScales[3] = {-2.0 / 9, 1.0 / 90, 32.0 / 45};
constexpr double kPoints[3] = {1, 2, 0.5};
// Of d2, d6, d4 in the sum of a pair of points, and of d1, d5, d3 in their difference.
constexpr double kPairs[3][6] = {
    {1, 1, -4.25, 1, 1, -4.25}, {0.25, 1, -1.25, 0.5, 2, -2.5}, {4, 1, -5, 2, 0.5, -2.5}};

double value_at(const float* g, double point) {
  double sum = 0;
  for (int64_t i = kMinimalTaps - 1; i >= 0; --i) sum = sum * point + double{g[i]};
  return sum;
}

// A padded row to its values at the points, `fours` of each. d[i]: the columns i, i + 4, ..
void row_at_points(const std::array<const double*, kMinimalOutputs>& d, int64_t fours, float* to,
                   int64_t array) {
  for (int64_t j = 0; j < fours; ++j) {
    to[j] = static_cast<float>(d[0][j] - d[2][j + 1] + 5.25 * (d[0][j + 1] - d[2][j]));
  }
  for (const auto& by : kPairs) {
    float* const plus = to += array;
    float* const minus = to += array;
    for (int64_t j = 0; j < fours; ++j) {
      const double both = by[0] * d[2][j] + by[1] * d[2][j + 1] + by[2] * d[0][j + 1];
      const double apart = by[3] * d[1][j] + by[4] * d[1][j + 1] + by[5] * d[3][j];
      plus[j] = static_cast<float>(both + apart);
      minus[j] = static_cast<float>(both - apart);
    }
  }
  to += array;
  for (int64_t j = 0; j < fours; ++j) {
    to[j] = static_cast<float>(d[3][j + 1] - d[1][j] + 5.25 * (d[3][j] - d[1][j + 1]));
  }
}

}  // namespace

void weights_at_points(const float* w, int64_t filters, int64_t rows, float* to) {
  for (int64_t f = 0; f < filters; ++f) {
    for (int64_t row = 0; row < rows; ++row) {
      const float* const g = w + (f * rows + row) * kMinimalTaps;
      float* const u = to + row * kMinimalPoints * filters + f;
      u[0] = g[0];
      for (int64_t i = 0; i < 3; ++i) {
        u[(2 * i + 1) * filters] = static_cast<float>(kScales[i] * value_at(g, kPoints[i]));
        u[(2 * i + 2) * filters] = static_cast<float>(kScales[i] * value_at(g, -kPoints[i]));
      }
      u[7 * filters] = g[kMinimalTaps - 1];
    }
  }
}

void gradients_from_points(const double* m, float* dg) {
  double sums[kMinimalTaps] = {m[0], 0, 0, 0, m[7]};
  for (int64_t i = 0; i < 3; ++i) {
    double plus = kScales[i] * m[2 * i + 1], minus = kScales[i] * m[2 * i + 2];
    for (double& sum : sums) {
      sum += plus + minus;
      plus *= kPoints[i];
      minus *= -kPoints[i];
    }
  }
  for (int64_t i = 0; i < kMinimalTaps; ++i) dg[i] = static_cast<float>(sums[i]);
}

void MinimalRows::pack(const float* x, int64_t first, int64_t count, int64_t array,
                       float* to) const {
  const int64_t fours = pitch();
  const int64_t length = fours + 1;
  std::vector<double> columns(static_cast<size_t>(kMinimalOutputs * length), 0.0);
  std::array<double*, kMinimalOutputs> behind;  // where x[0], x[1], .. go
  std::array<const double*, kMinimalOutputs> d;
  for (int64_t i = 0; i < kMinimalOutputs; ++i) {
    const int64_t column = i + left;
    d[i] = columns.data() + i * length;
    behind[i] = columns.data() + column % kMinimalOutputs * length + column / kMinimalOutputs;
  }
  for (int64_t row = 0; row < count; ++row, to += fours) {
    const int64_t in_plane = first + row - top;
    if (in_plane < 0 || in_plane >= height) {
      for (int64_t k = 0; k < kMinimalPoints; ++k) std::fill_n(to + k * array, fours, 0.0f);
      continue;
    }
    const float* from = x + in_plane * width;
    for (int64_t j = 0; j < width / kMinimalOutputs; ++j, from += kMinimalOutputs) {
      for (int64_t i = 0; i < kMinimalOutputs; ++i) behind[i][j] = from[i];
    }
    row_at_points(d, fours, to, array);
  }
}

}  // namespace secateur
