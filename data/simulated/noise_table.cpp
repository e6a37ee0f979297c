#include "data/simulated/noise_table.h"

#include <cmath>

#include "data/simulated/exact_draws.h"

namespace secateur::simulated {
namespace {

constexpr uint64_t kTableSeed = 20221122;
constexpr int kMask = kNoiseSide - 1;
constexpr size_t kPixels = static_cast<size_t>(kNoiseSide) * kNoiseSide;

using Plane = std::vector<double>;

Plane white_noise(uint64_t layer) {
  Rng rng(kTableSeed, "simulation/noise", layer);
  Plane plane(kPixels);
  for (double& value : plane) value = bell(rng);
  return plane;
}

// Periodic running mean over 2 radius + 1 pixels, along x or along y.
Plane box_blur(const Plane& in, int radius, bool along_x) {
  Plane out(kPixels);
  for (int y = 0; y < kNoiseSide; ++y) {
    for (int x = 0; x < kNoiseSide; ++x) {
      double sum = 0;
      for (int d = -radius; d <= radius; ++d) {
        const int yy = along_x ? y : (y + d) & kMask;
        const int xx = along_x ? (x + d) & kMask : x;
        sum += in[static_cast<size_t>(yy * kNoiseSide + xx)];
      }
      out[static_cast<size_t>(y * kNoiseSide + x)] = sum / (2 * radius + 1);
    }
  }
  return out;
}

void normalise(Plane& plane) {
  double sum = 0;
  for (double value : plane) sum += value;
  const double mean = sum / static_cast<double>(kPixels);
  double squares = 0;
  for (double& value : plane) {
    value -= mean;
    squares += value * value;
  }
  const double scale = 1.0 / std::sqrt(squares / static_cast<double>(kPixels));
  for (double& value : plane) value *= scale;
}

std::vector<float> finished(Plane plane) {
  normalise(plane);
  return {plane.begin(), plane.end()};
}

std::vector<float> make_pink() {
  Plane sum(kPixels, 0.0);
  uint64_t layer = 0;
  for (int radius : {0, 1, 2, 4, 8, 16}) {
    Plane octave = white_noise(layer++);
    for (int pass = 0; pass < 2; ++pass) {  // twice: a triangle, which leaks less above its cut-off
      octave = box_blur(box_blur(octave, radius, true), radius, false);
    }
    normalise(octave);
    for (size_t i = 0; i < kPixels; ++i) sum[i] += octave[i];
  }
  return finished(std::move(sum));
}

std::vector<float> make_oriented() {
  Plane plane = white_noise(100);
  plane = box_blur(box_blur(plane, 8, true), 5, true);
  return finished(box_blur(plane, 1, false));
}

}  // namespace

const std::vector<float>& pink_noise() {
  static const std::vector<float> table = make_pink();
  return table;
}

const std::vector<float>& oriented_noise() {
  static const std::vector<float> table = make_oriented();
  return table;
}

}  // namespace secateur::simulated
