#include "compression/exact_numbers.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

TEST(ExactNumbers, CosineAgreesWithLongDouble) {
  for (int64_t denominator : {1, 2, 3, 5, 10, 56, 112, 127, 2048}) {
    for (int64_t numerator = 0; numerator < 5 * denominator; ++numerator) {
      const long double angle = 3.14159265358979323846264338327950288L * numerator / denominator;
      const double error =
          std::abs(exact_cosine(numerator, denominator) - static_cast<double>(cosl(angle)));
      EXPECT_LE(error, 2.3e-16) << numerator << " / " << denominator;
    }
  }
}

TEST(ExactNumbers, CosineIsExactWhereItMustBe) {
  EXPECT_EQ(exact_cosine(0, 7), 1.0);
  EXPECT_EQ(exact_cosine(7, 7), -1.0);
  EXPECT_EQ(exact_cosine(3, 6), 0.0);
  EXPECT_EQ(exact_cosine(14, 7), 1.0);
}

// Bits pinned: a change here changes what every compact file decodes to.
TEST(ExactNumbers, BitsArePinned) {
  uint64_t hash = 14695981039346656037ull;
  const auto mix = [&](double value) {
    hash = (hash ^ std::bit_cast<uint64_t>(value)) * 1099511628211ull;
  };
  for (int64_t n = 1; n <= 64; ++n) {
    for (int64_t k = 0; k < 4 * n; ++k) mix(exact_cosine(k, 2 * n));
  }
  for (int s = -kLargestExponent; s <= kLargestExponent; ++s) mix(step_size(s));
  EXPECT_EQ(hash, 8713821964280544319ull);
}

TEST(ExactNumbers, StepsAreSixteenthsOfAnOctave) {
  for (int s = -kLargestExponent; s <= kLargestExponent; ++s) {
    const double wanted = std::exp2(s / 16.0);
    EXPECT_LE(std::abs(step_size(s) - wanted), 1e-15 * wanted) << s;
  }
  EXPECT_EQ(step_size(-32), 0.25);
  EXPECT_THROW(step_size(kLargestExponent + 1), Error);
}

}  // namespace
}  // namespace secateur
