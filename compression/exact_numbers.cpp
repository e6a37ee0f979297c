#include "compression/exact_numbers.h"

#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr double kPi = 3.14159265358979323846;

double polynomial_cosine(double x) {
  const double x2 = x * x;
  double sum = 1.0;
  for (int k = 18; k >= 2; k -= 2) sum = 1.0 - x2 / (k * (k - 1)) * sum;
  return sum;
}

double polynomial_sine(double x) {
  const double x2 = x * x;
  double sum = 1.0;
  for (int k = 19; k >= 3; k -= 2) sum = 1.0 - x2 / (k * (k - 1)) * sum;
  return x * sum;
}

}  // namespace

double exact_cosine(int64_t numerator, int64_t denominator) {
  require(numerator >= 0 && denominator >= 1, "cosine",
          "wanted an angle of at least 0, got {} / {}", numerator, denominator);
  // In units of pi / denominator: one turn is 2 denominator, and cos is even around the half turn.
  int64_t angle = numerator % (2 * denominator);
  if (angle > denominator) angle = 2 * denominator - angle;
  const bool negative = 2 * angle > denominator;
  if (negative) angle = denominator - angle;
  // Now within a quarter turn; past an eighth, the sine of the rest is the better conditioned.
  const double whole = static_cast<double>(denominator);
  double value = 0.0;
  if (4 * angle <= denominator) {
    value = polynomial_cosine(kPi * static_cast<double>(angle) / whole);
  } else {
    value = polynomial_sine(kPi * static_cast<double>(denominator - 2 * angle) / (2.0 * whole));
  }
  return negative ? -value : value;
}

double step_size(int sixteenths) {
  require(sixteenths >= -kLargestExponent && sixteenths <= kLargestExponent, "quantiser",
          "wanted a step exponent within {}, got {}", kLargestExponent, sixteenths);
  const int octave = (sixteenths + kLargestExponent) / 16 - kLargestExponent / 16;
  const int fraction = sixteenths - 16 * octave;
  double step = 1.0;
  double root = 2.0;
  for (int bit = 8; bit >= 1; bit /= 2) {
    root = std::sqrt(root);
    if ((fraction & bit) != 0) step *= root;
  }
  const double factor = octave < 0 ? 0.5 : 2.0;
  for (int i = 0; i < std::abs(octave); ++i) step *= factor;
  return step;
}

}  // namespace secateur
