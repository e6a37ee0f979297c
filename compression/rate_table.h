#pragma once
// An estimate of what the adaptive coder will charge for a code, from how often each size occurs in
// a tensor, per band.

#include <cstdint>
#include <span>
#include <vector>

#include "compression/tensor_layout.h"

namespace secateur {

class RateTable {
 public:
  // `sizes` are the absolute codes of a tensor, in its order; bands those of its block.
  RateTable(std::span<const int32_t> sizes, std::span<const int32_t> bands, int64_t band_count);

  // Bits of a code of this size (sign included) in this band.
  double bits(int32_t band, int32_t size) const;

 private:
  static constexpr int32_t kSizes = 16;  // the last stands for everything larger
  std::vector<double> bits_;             // [bands][kSizes]
};

}  // namespace secateur
