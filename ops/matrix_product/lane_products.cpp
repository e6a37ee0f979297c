#include "ops/matrix_product/lane_products.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

// Four row pointers from `first` on; past the last the last again.
std::array<const float*, kOuterRows> four_rows(const float* rows, int64_t stride, int64_t first,
                                               int64_t count) {
  std::array<const float*, kOuterRows> four;
  for (int64_t i = 0; i < kOuterRows; ++i) {
    four[static_cast<size_t>(i)] = rows + std::min(first + i, count - 1) * stride;
  }
  return four;
}

// Steps that do not fill a vector, with zeros behind them.
std::vector<float> padded(const float* rows, int64_t stride, int64_t count, int64_t steps) {
  std::vector<float> result(static_cast<size_t>(count * kLanes), 0.0f);
  for (int64_t i = 0; i < count; ++i) {
    std::copy_n(rows + i * stride, steps, result.data() + i * kLanes);
  }
  return result;
}

}  // namespace

void LaneProducts::add(const float* a, int64_t a_row, const float* b, int64_t b_row, int64_t steps,
                       double* sums) const {
  const int64_t whole = steps / kLanes * kLanes;
  if (whole > 0) add_whole(a, a_row, b, b_row, whole, sums);
  if (whole == steps) return;
  const std::vector<float> a_rest = padded(a + whole, a_row, a_rows_, steps - whole);
  const std::vector<float> b_rest = padded(b + whole, b_row, b_rows_, steps - whole);
  add_whole(a_rest.data(), kLanes, b_rest.data(), kLanes, kLanes, sums);
}

void LaneProducts::add_whole(const float* a, int64_t a_row, const float* b, int64_t b_row,
                             int64_t steps, double* sums) const {
  std::array<float, kOuterRows * kOuterRows> tile;
  for (int64_t f = 0; f < a_rows_; f += kOuterRows) {
    const auto from_a = four_rows(a, a_row, f, a_rows_);
    for (int64_t c = 0; c < b_rows_; c += kOuterRows) {
      const auto from_b = four_rows(b, b_row, c, b_rows_);
      kernels_.outer(from_a.data(), from_b.data(), steps / kLanes, tile.data());
      for (int64_t i = 0; i < std::min(kOuterRows, a_rows_ - f); ++i) {
        for (int64_t k = 0; k < std::min(kOuterRows, b_rows_ - c); ++k) {
          sums[(f + i) * b_rows_ + c + k] += tile[static_cast<size_t>(i * kOuterRows + k)];
        }
      }
    }
  }
}

}  // namespace secateur
