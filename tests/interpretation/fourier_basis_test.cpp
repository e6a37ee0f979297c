#include "interpretation/fourier_basis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tensor/error.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

double product(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.numel(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

Tensor random_planes(int64_t h, int64_t w, uint64_t seed) {
  return random_images({.height = h, .width = w}, 2, seed);
}

TEST(FourierBasis, GoesBothWays) {
  for (const auto& [h, w] : {std::pair<int64_t, int64_t>{8, 12}, {7, 5}, {1, 4}}) {
    const FourierBasis basis(h, w);
    const Tensor pixels = random_planes(h, w, 1);
    EXPECT_LE(relative_difference(basis.to_pixels(basis.to_amplitudes(pixels)), pixels), 1e-5);
  }
}

// <g, A x> = <A^T g, x>.
TEST(FourierBasis, TheGradientIsTheTransposeOfTheWayToPixels) {
  const FourierBasis basis(8, 12);
  const Tensor amplitudes = random_planes(8, 12, 2);
  const Tensor slope = random_planes(8, 12, 3);
  const double wanted = product(slope, basis.to_pixels(amplitudes));
  EXPECT_NEAR(product(basis.gradient(slope), amplitudes), wanted, 1e-4 * std::abs(wanted));
}

TEST(FourierBasis, AWaveOfThreePeriodsHasOneAmplitude) {
  const FourierBasis basis(8, 12);
  Tensor wave(Shape{1, 1, 8, 12});
  for (int64_t i = 0; i < wave.numel(); ++i) {
    const auto column = static_cast<double>(i % 12);
    wave[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 3 * column / 12));
  }
  const Tensor amplitudes = basis.to_amplitudes(wave);
  for (int64_t i = 0; i < amplitudes.numel(); ++i) {
    if (i == 6) continue;  // row 0, the sine of three periods
    EXPECT_NEAR(amplitudes[i], 0, 1e-4) << i;
  }
  EXPECT_GT(std::abs(amplitudes[6]), 1);
}

// Twice the frequency has half the weight.
TEST(FourierBasis, WeightsFallWithTheFrequency) {
  const FourierBasis basis(16, 16);
  const auto energy = [&](int64_t wave) {
    Tensor amplitude = Tensor::zeros({1, 1, 16, 16});
    amplitude[wave] = 1;
    const Tensor pixels = basis.to_pixels(amplitude);
    return std::sqrt(product(pixels, pixels));
  };
  EXPECT_NEAR(energy(3) / energy(7), 2, 1e-4);
  EXPECT_THROW(basis.to_pixels(Tensor::zeros({1, 1, 8, 16})), Error);
}

}  // namespace
}  // namespace secateur
