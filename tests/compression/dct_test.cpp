#include "compression/dct.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numbers>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

std::vector<double> random_values(int64_t count, uint64_t seed) {
  Rng rng(seed, "dct test");
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = rng.normal();
  return values;
}

double energy(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value * value;
  return sum;
}

// The definition, written out over both axes.
TEST(Dct, IsTheDefinition) {
  constexpr int64_t kRows = 4;
  constexpr int64_t kColumns = 5;
  const std::vector<double> x = random_values(kRows * kColumns, 1);
  std::vector<double> fast = x;
  Dct({1, kRows, kColumns}).forward(fast);
  for (int64_t u = 0; u < kRows; ++u) {
    for (int64_t v = 0; v < kColumns; ++v) {
      double sum = 0;
      for (int64_t i = 0; i < kRows; ++i) {
        for (int64_t j = 0; j < kColumns; ++j) {
          sum += x[static_cast<size_t>(i * kColumns + j)] *
                 std::cos(std::numbers::pi * static_cast<double>((2 * i + 1) * u) / (2 * kRows)) *
                 std::cos(std::numbers::pi * static_cast<double>((2 * j + 1) * v) / (2 * kColumns));
        }
      }
      const double scale =
          std::sqrt((u == 0 ? 1.0 : 2.0) / kRows) * std::sqrt((v == 0 ? 1.0 : 2.0) / kColumns);
      EXPECT_LE(std::abs(fast[static_cast<size_t>(u * kColumns + v)] - scale * sum), 1e-14);
    }
  }
}

TEST(Dct, InverseAndEnergy) {
  rc::check("inverse(forward(x)) == x and the energy stays", [] {
    const std::array<int64_t, 3> extents = {*rc::gen::inRange<int64_t>(1, 5),
                                            *rc::gen::inRange<int64_t>(1, 30),
                                            *rc::gen::inRange<int64_t>(1, 30)};
    const Dct dct(extents);
    const std::vector<double> x = random_values(dct.numel(), *rc::gen::arbitrary<uint64_t>());
    std::vector<double> y = x;
    dct.forward(y);
    RC_ASSERT(std::abs(energy(y) - energy(x)) <= 1e-12 * energy(x));
    dct.inverse(y);
    for (size_t i = 0; i < x.size(); ++i) RC_ASSERT(std::abs(x[i] - y[i]) <= 1e-12);
  });
}

TEST(Dct, AConstantBlockIsOneCoefficient) {
  std::vector<double> block(28 * 28, 3.0);
  Dct({1, 28, 28}).forward(block);
  EXPECT_LE(std::abs(block[0] - 3.0 * 28), 1e-12);
  for (size_t i = 1; i < block.size(); ++i) EXPECT_LE(std::abs(block[i]), 1e-12);
}

TEST(Dct, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Dct({1, 0, 3}), Error);
  EXPECT_THROW(Dct({1, 3, 1025}), Error);
  std::vector<double> five(5);
  EXPECT_THROW(Dct({1, 2, 3}).forward(five), Error);
}

}  // namespace
}  // namespace secateur
