#pragma once
// Cosines and step sizes with the same bits on every machine.
//
// A compact file must decode to the same weights everywhere, and libm's cos() and exp2() differ in
// their last bit between libraries. These use only +, -, *, / and sqrt of IEEE double, each
// correctly rounded, in a fixed order (the build keeps a * b + c unfused).

#include <cstdint>

namespace secateur {

// cos(pi * numerator / denominator) for numerator >= 0, denominator >= 1. The angle is brought into
// [0, pi/4] in integers, then a Taylor polynomial is summed; the error stays below 2e-16.
double exact_cosine(int64_t numerator, int64_t denominator);

// 2^(sixteenths / 16), for exponents within +-kLargestExponent.
inline constexpr int kLargestExponent = 1280;
double step_size(int sixteenths);

}  // namespace secateur
