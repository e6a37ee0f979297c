#pragma once
// Counter-based random streams: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011).
//
// A stream is named by (master seed, purpose, index), for example (7, "augmentation", image 12),
// and draw number i of a stream is a pure function of the name and i: any draw can be made again
// without making the ones before it, and streams never overlap in practice (64-bit keys, 2^64
// blocks each).

#include <array>
#include <cstdint>
#include <string_view>

namespace secateur {

// The Philox4x32-10 bijection: four 32-bit words from a 128-bit counter and a 64-bit key.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Rng {
 public:
  Rng(uint64_t master_seed, std::string_view purpose, uint64_t index = 0);

  uint32_t bits();                          // 32 uniform bits
  double uniform();                         // [0, 1), 53 bits
  double uniform(double low, double high);  // [low, high)
  int64_t below(int64_t bound);             // 0 .. bound - 1 without bias; bound >= 1
  double normal();                          // mean 0, variance 1 (Box-Muller)
  int64_t poisson(double mean);             // mean >= 0; exact for any mean

  // Number of 32-bit words drawn so far, and the way back to any of them.
  uint64_t position() const { return position_; }
  void seek(uint64_t position);

 private:
  std::array<uint32_t, 2> key_;
  uint64_t index_;
  uint64_t position_ = 0;
  std::array<uint32_t, 4> block_{};
};

}  // namespace secateur
