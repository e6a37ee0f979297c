#include "tensor/symmetric_matrix.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

std::vector<double> drawn_symmetric(size_t n, uint64_t seed) {
  Rng rng(seed, "test/matrix", 0);
  std::vector<double> a(n * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k <= i; ++k) a[i * n + k] = a[k * n + i] = rng.normal();
  }
  return a;
}

TEST(SymmetricMatrix, IsMadeOfItsEigenvectors) {
  constexpr size_t n = 17;
  const std::vector<double> a = drawn_symmetric(n, 1);
  const EigenSystem system = eigen_system(a, n);
  for (size_t i = 0; i < n; ++i) {
    if (i > 0) {
      EXPECT_GE(system.values[i - 1], system.values[i]);
    }
    for (size_t k = 0; k < n; ++k) {
      double whole = 0, product = 0;
      for (size_t e = 0; e < n; ++e) {
        whole += system.values[e] * system.vectors[e * n + i] * system.vectors[e * n + k];
        product += system.vectors[i * n + e] * system.vectors[k * n + e];
      }
      EXPECT_NEAR(whole, a[i * n + k], 1e-12);
      EXPECT_NEAR(product, i == k ? 1 : 0, 1e-13);
    }
  }
}

TEST(SymmetricMatrix, OfTwoRowsHasKnownEigenvalues) {
  const EigenSystem system = eigen_system(std::vector<double>{2, 1, 1, 2}, 2);
  EXPECT_NEAR(system.values[0], 3, 1e-15);
  EXPECT_NEAR(system.values[1], 1, 1e-15);
  EXPECT_NEAR(system.vectors[0], std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(system.vectors[1], std::sqrt(0.5), 1e-15);
  EXPECT_EQ(eigen_system(std::vector<double>{-4}, 1).values[0], -4);
}

TEST(SymmetricMatrix, TimesItsInverseIsOne) {
  constexpr size_t n = 9;
  const std::vector<double> root = drawn_symmetric(n, 2);
  std::vector<double> a(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    a[i * n + i] = 0.5;
    for (size_t k = 0; k < n; ++k) {
      for (size_t j = 0; j < n; ++j) a[i * n + k] += root[i * n + j] * root[k * n + j];
    }
  }
  const PositiveInverse found = inverse_of(a, n);
  double log_determinant = 0;
  for (const double value : eigen_system(a, n).values) log_determinant += std::log(value);
  EXPECT_NEAR(found.log_determinant, log_determinant, 1e-10);
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) {
      double product = 0;
      for (size_t j = 0; j < n; ++j) product += a[i * n + j] * found.inverse[j * n + k];
      EXPECT_NEAR(product, i == k ? 1 : 0, 1e-10);
    }
  }
}

TEST(SymmetricMatrix, RefusesWhatItIsNot) {
  EXPECT_THROW(eigen_system(std::vector<double>{1, 2, 3}, 2), Error);
  EXPECT_THROW(eigen_system(std::vector<double>{1, NAN, NAN, 1}, 2), Error);
  EXPECT_THROW(inverse_of(std::vector<double>{1, 2, 2, 1}, 2), Error);
}

}  // namespace
}  // namespace secateur
