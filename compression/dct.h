#pragma once
// Orthonormal discrete cosine transforms (Ahmed, Natarajan and Rao 1974) of small arrays: DCT-II
// forward, DCT-III back, separable over up to three axes.
//
//   X[k] = s(k) sum_n x[n] cos(pi (2n + 1) k / (2N)),   s(0) = sqrt(1/N), else sqrt(2/N)
//
// Smooth kernels and readout maps gather into few coefficients, and rounding errors keep their
// size, because the transform is a rotation. Over three colours the first axis becomes brightness,
// red minus blue, and green against both: nearly the opponent axes.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace secateur {

class Dct {
 public:
  // Arrays of extents[0] x extents[1] x extents[2] values, row-major; an extent of 1 is left alone.
  // Throws Error(kBadInput) unless each is 1 to 1024.
  explicit Dct(std::array<int64_t, 3> extents);

  // In place, in double. `values` holds numel() elements, else Error(kBadInput). Safe to call from
  // several threads. inverse() is bit-exact on any machine (see exact_numbers.h).
  void forward(std::span<double> values) const { transform(values, false); }
  void inverse(std::span<double> values) const { transform(values, true); }
  int64_t numel() const { return extents_[0] * extents_[1] * extents_[2]; }

 private:
  void transform(std::span<double> values, bool back) const;

  std::array<int64_t, 3> extents_;
  std::array<std::vector<double>, 3> basis_;  // [k][n] per axis
};

}  // namespace secateur
