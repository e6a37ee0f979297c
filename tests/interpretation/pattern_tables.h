#pragma once
// Patterns for tests: two small tables that the numbers of an independent computation belong to,
// and random ones.
//
// In Python with numpy and scipy (float32 values, then float64):
//   x[i, k] = sin(1 + 2.1 i + 0.9 k + 0.37 i k) + 0.2
//   y[i, k] = cos(0.5 + 1.3 i - 0.6 k + 0.23 i i k)

#include <cmath>

#include "tensor/rng.h"
#include "tensor/tensor.h"

namespace secateur {

inline Tensor table_x(int64_t images = 7, int64_t features = 5) {
  Tensor t(Shape{images, features});
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t k = 0; k < features; ++k) {
      const auto a = static_cast<double>(i), b = static_cast<double>(k);
      t[i * features + k] =
          static_cast<float>(std::sin(1 + 2.1 * a + 0.9 * b + 0.37 * a * b) + 0.2);
    }
  }
  return t;
}

inline Tensor table_y(int64_t images = 7, int64_t features = 4) {
  Tensor t(Shape{images, features});
  for (int64_t i = 0; i < images; ++i) {
    for (int64_t k = 0; k < features; ++k) {
      const auto a = static_cast<double>(i), b = static_cast<double>(k);
      t[i * features + k] =
          static_cast<float>(std::cos(0.5 + 1.3 * a - 0.6 * b + 0.23 * a * a * b));
    }
  }
  return t;
}

inline Tensor random_patterns(int64_t images, int64_t features, uint64_t seed, double offset = 0) {
  Tensor t(Shape{images, features});
  Rng rng(seed, "random patterns");
  for (float& v : t.values()) v = static_cast<float>(offset + rng.normal());
  return t;
}

// [images, features] times a matrix [features, columns], in double.
inline Tensor times(const Tensor& a, const Tensor& b) {
  Tensor t(Shape{a.dim(0), b.dim(1)});
  for (int64_t i = 0; i < a.dim(0); ++i) {
    for (int64_t c = 0; c < b.dim(1); ++c) {
      double sum = 0;
      for (int64_t k = 0; k < a.dim(1); ++k)
        sum += double{a[i * a.dim(1) + k]} * b[k * b.dim(1) + c];
      t[i * b.dim(1) + c] = static_cast<float>(sum);
    }
  }
  return t;
}

// Columns of length 1, at right angles (Gram and Schmidt), of a random matrix [n, n].
inline Tensor random_rotation(int64_t n, uint64_t seed) {
  Tensor q = random_patterns(n, n, seed);
  for (int64_t c = 0; c < n; ++c) {
    for (int64_t before = 0; before <= c; ++before) {
      double along = 0;
      for (int64_t r = 0; r < n; ++r) along += double{q[r * n + c]} * q[r * n + before];
      for (int64_t r = 0; r < n; ++r) {
        float& v = q[r * n + c];
        v = static_cast<float>(before < c ? v - along * q[r * n + before] : v / std::sqrt(along));
      }
    }
  }
  return q;
}

}  // namespace secateur
