#pragma once
// How the numbers of a parameter are grouped for quantisation.
//
// A tensor is [filters][channels][block], row-major as it stands: a filter has one bit depth, a
// block is what the cosine transform turns, and a channel (the input a block reads) shares a step
// factor across the filters. A coefficient of a transformed block lies in the band of its
// frequency.
//
//   conv kernel on colours [O, 3, k, k]   O filters, 1 channel, block [3, k, k]
//   conv kernel            [O, I, k, k]   O filters, I channels, block [k, k]
//   depthwise kernel       [C, 1, k, k]   C filters, 1 channel, block [k, k]
//   pointwise, mixing      [O, I]         O filters, I channels, block of one number
//   dense readout          [K, C, h, w]   K C filters (maps), 1 channel, block [h, w]
//   spatial readout        [K, h, w]      K filters (maps), 1 channel, block [h, w]
//   bias                   [n]            1 filter, 1 channel, block [n], never transformed

#include <array>
#include <cstdint>
#include <vector>

#include "models/architecture.h"

namespace secateur {

enum class Transform : uint8_t { kNone = 0, kDct = 1 };

struct TensorLayout {
  int64_t filters = 1;
  int64_t channels = 1;
  std::array<int64_t, 3> block = {1, 1, 1};
  bool kernel = true;  // false: a bias, whose codes may take more than 8 bits

  int64_t block_numel() const { return block[0] * block[1] * block[2]; }
  int64_t filter_numel() const { return channels * block_numel(); }
  // Maps wider than 1024 would want a table of cosines out of proportion.
  bool transformable() const {
    return kernel && block_numel() > 1 && block[1] <= 1024 && block[2] <= 1024;
  }
};

// Throws Error(kBadInput) for a batch norm's parameter: those are folded before compression.
TensorLayout layout_of(const ParameterSpec& spec);

// The band of each place of a block: for a transformed one u + v over rows and columns, at most
// about 28 of them, counted anew for each colour axis; otherwise 0. bands[i] < band_count().
std::vector<int32_t> bands_of(const TensorLayout& layout, Transform transform);
int64_t band_count(const TensorLayout& layout, Transform transform);

}  // namespace secateur
