#include "ops/padded_plane/phases.h"

#include <algorithm>
#include <cstring>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

using Eight = avx2::HalfLanes;

Eight load_eight(const float* from) {
  Eight v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}

void store_eight(float* to, Eight v) { std::memcpy(to, &v, sizeof(v)); }

// even[i] = from[2 * i] and odd[i] = from[2 * i + 1] of `count` elements. Eight pairs at a time;
// the last eight may overlap the ones before.
void split_pairs(const float* from, int64_t count, float* even, float* odd) {
  const int64_t pairs = count / 2;
  for (int64_t i = 0; pairs >= 8 && i < pairs; i += 8) {
    const int64_t at = std::min(i, pairs - 8);
    const Eight a = load_eight(from + 2 * at);
    const Eight b = load_eight(from + 2 * at + 8);
    store_eight(even + at, __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    store_eight(odd + at, __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15));
  }
  for (int64_t i = 0; pairs < 8 && i < pairs; ++i) {
    even[i] = from[2 * i];
    odd[i] = from[2 * i + 1];
  }
  if (count % 2 == 1) even[pairs] = from[2 * pairs];
}

void join_pairs(const float* even, const float* odd, int64_t count, float* to) {
  const int64_t pairs = count / 2;
  for (int64_t i = 0; pairs >= 8 && i < pairs; i += 8) {
    const int64_t at = std::min(i, pairs - 8);
    const Eight a = load_eight(even + at);
    const Eight b = load_eight(odd + at);
    store_eight(to + 2 * at, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    store_eight(to + 2 * at + 8, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (int64_t i = 0; pairs < 8 && i < pairs; ++i) {
    to[2 * i] = even[i];
    to[2 * i + 1] = odd[i];
  }
  if (count % 2 == 1) to[2 * pairs] = even[pairs];
}

}  // namespace

// Two phases: behind an odd `first` the even pixels stand in the odd columns.

void split_phases(const float* row, int64_t count, int64_t first, int64_t stride,
                  int64_t phase_width, float* phases) {
  if (stride == 1) return copy_floats(row, count, phases + first);
  if (stride == 2) {
    return split_pairs(row, count, phases + place_in_phases(first, 2, phase_width),
                       phases + place_in_phases(first + 1, 2, phase_width));
  }
  for (int64_t i = 0; i < count; ++i) {
    phases[place_in_phases(first + i, stride, phase_width)] = row[i];
  }
}

void merge_phases(const float* phases, int64_t phase_width, int64_t stride, int64_t first,
                  int64_t count, float* row) {
  if (stride == 1) return copy_floats(phases + first, count, row);
  if (stride == 2) {
    return join_pairs(phases + place_in_phases(first, 2, phase_width),
                      phases + place_in_phases(first + 1, 2, phase_width), count, row);
  }
  for (int64_t i = 0; i < count; ++i) {
    row[i] = phases[place_in_phases(first + i, stride, phase_width)];
  }
}

}  // namespace secateur
