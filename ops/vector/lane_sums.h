#pragma once
// Sums of many floats in one fixed order, whatever the vector width: 16 lanes within a block of
// 2,048 values, the tree of sum_lanes() over the lanes, the blocks in order in double. The blocks
// keep the rounding error of a long sum (78,400 terms in a readout) that of a short one.

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {

// Fewer than 16 values; the lanes past them hold `rest`.
SECATEUR_INLINE Lanes load_some_lanes(const float* from, int64_t count, float rest) {
  Lanes v = all_lanes(rest);
  std::memcpy(&v, from, static_cast<size_t>(count) * sizeof(float));
  return v;
}

constexpr int64_t kSumBlock = 2048;

SECATEUR_INLINE double lane_sum(const float* values, int64_t count) {
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kSumBlock) {
    const int64_t end = std::min(count, begin + kSumBlock);
    Lanes block{};
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) block += load_lanes(values + i);
    if (i < end) block += load_some_lanes(values + i, end - i, 0.0f);
    sum += sum_lanes(block);
  }
  return sum;
}

SECATEUR_INLINE double lane_dot(const float* a, const float* b, int64_t count) {
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kSumBlock) {
    const int64_t end = std::min(count, begin + kSumBlock);
    Lanes block{};
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) block += load_lanes(a + i) * load_lanes(b + i);
    if (i < end) {
      block += load_some_lanes(a + i, end - i, 0.0f) * load_some_lanes(b + i, end - i, 0.0f);
    }
    sum += sum_lanes(block);
  }
  return sum;
}

}  // namespace secateur
