#pragma once
// Two periodic noise tiles, made once from a fixed seed and only read afterwards.

#include <vector>

namespace secateur::simulated {

inline constexpr int kNoiseSide = 256;  // a power of two, so that a mask wraps

// Row-major [kNoiseSide, kNoiseSide], mean 0, variance 1.
const std::vector<float>& pink_noise();      // equal variance per octave: power ~ 1/f^2
const std::vector<float>& oriented_noise();  // long correlation along x, short along y

}  // namespace secateur::simulated
