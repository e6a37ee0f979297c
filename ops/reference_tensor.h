#pragma once
// The plain array that the oracles (<op>_ref.h) compute on: double for values, complex<double> for
// complex-step derivatives. Nothing here is shared with the kernels.

#include <complex>
#include <cstdint>
#include <vector>

#include "tensor/shape.h"

namespace secateur {

template <class T>
struct RefTensor {
  Shape shape;
  std::vector<T> values;

  RefTensor() = default;
  explicit RefTensor(const Shape& s) : shape(s), values(static_cast<size_t>(s.numel())) {}

  int64_t dim(int axis) const { return shape[axis]; }
  T& operator[](int64_t flat) { return values[static_cast<size_t>(flat)]; }
  const T& operator[](int64_t flat) const { return values[static_cast<size_t>(flat)]; }
  // Element [n, c, y, x] of a tensor of rank 4.
  T& at(int64_t n, int64_t c, int64_t y, int64_t x) { return values[offset(n, c, y, x)]; }
  const T& at(int64_t n, int64_t c, int64_t y, int64_t x) const {
    return values[offset(n, c, y, x)];
  }

 private:
  size_t offset(int64_t n, int64_t c, int64_t y, int64_t x) const {
    return static_cast<size_t>(((n * dim(1) + c) * dim(2) + y) * dim(3) + x);
  }
};

// What branches on a complex number must look at: its real part (the step is infinitesimal).
inline double real_part(double x) { return x; }
inline double real_part(const std::complex<double>& x) { return x.real(); }

}  // namespace secateur
