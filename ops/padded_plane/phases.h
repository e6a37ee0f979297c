#pragma once
// The columns of a padded row sorted into `stride` phases (columns 0, s, 2s, ... then 1, s + 1,
// ...), so that 16 neighbouring outputs always read 16 neighbouring floats.

#include <cstdint>

namespace secateur {

// Where a column stands, with phases `phase_width` floats apart.
constexpr int64_t place_in_phases(int64_t column, int64_t stride, int64_t phase_width) {
  return column % stride * phase_width + column / stride;
}

// row[i], of `count` pixels, goes to column `first` + i. Nothing else is written.
void split_phases(const float* row, int64_t count, int64_t first, int64_t stride,
                  int64_t phase_width, float* phases);

// The way back: row[i] comes from column `first` + i.
void merge_phases(const float* phases, int64_t phase_width, int64_t stride, int64_t first,
                  int64_t count, float* row);

}  // namespace secateur
