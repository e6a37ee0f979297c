#pragma once
// The few functions that stimuli need from a mathematics library, made from +, -, *, / and sqrt
// only. IEEE 754 fixes the bits of those, so a stimulus is the same under every C library and
// compiler.

#include <algorithm>
#include <cmath>

#include "tensor/rng.h"

namespace secateur::simulated {

// sin(2 pi turns), within 1e-6: folds to a quarter turn, then the Taylor series to x^11.
inline float sin_turns(float turns) {
  const float whole = turns - std::floor(turns + 0.5f);  // [-0.5, 0.5]
  // The fold is its own mirror image about a quarter turn: |t| -> 0.25 - ||t| - 0.25|.
  const float size = 0.25f - std::fabs(std::fabs(whole) - 0.25f);
  const float x = std::copysign(size, whole) * 6.28318531f;
  const float z = x * x;
  const float series =
      1.0f +
      z * (-1.66666667e-1f +
           z * (8.33333333e-3f + z * (-1.98412698e-4f + z * (2.75573192e-6f - z * 2.50521e-8f))));
  return x * series;
}

inline float cos_turns(float turns) { return sin_turns(turns + 0.25f); }

// Nearly normal, mean 0 and variance 1, never past 3.5: a centred sum of four uniform draws.
inline double bell(Rng& rng) {
  double sum = 0;
  for (int i = 0; i < 4; ++i) sum += rng.uniform();
  return (sum - 2.0) * 1.7320508075688772;
}

// One draw per statement wherever this is used: C++ does not fix the order in which the arguments
// of a call are computed.
inline float uniform(Rng& rng, double low, double high) {
  return static_cast<float>(rng.uniform(low, high));
}

}  // namespace secateur::simulated
