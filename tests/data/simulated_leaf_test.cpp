#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "data/simulated/canvas.h"
#include "data/simulated/exact_draws.h"
#include "data/simulated/noise_table.h"

namespace secateur::simulated {
namespace {

double area(const Leaf& leaf) {
  Canvas canvas(64);
  canvas.paint(leaf);
  return (1 - canvas.open_share()) * 64 * 64;
}

std::vector<uint8_t> developed(const Canvas& canvas) {
  std::vector<uint8_t> rgb(static_cast<size_t>(3 * canvas.size() * canvas.size()));
  canvas.develop(0, 0, rgb.data());
  return rgb;
}

TEST(SimulatedLeaf, CoversTheAreaOfItsOutline) {
  constexpr double kPi = std::numbers::pi;
  EXPECT_LE(std::fabs(area(disc(31.3f, 32.1f, 10)) - kPi * 100), 3);
  EXPECT_LE(std::fabs(area(disc(31.3f, 32.1f, 2)) - kPi * 4), 0.5);
  EXPECT_LE(std::fabs(area(ellipse(31, 32, 16, 8, 0.1f)) - kPi * 128), 6);
  EXPECT_LE(std::fabs(area(rectangle(31, 32, 12, 5, 0.07f)) - 240), 4);
  EXPECT_LE(std::fabs(area(arc(31, 32, 15, 2, -1e9f, 0)) - 2 * kPi * 15 * 4), 6);
  EXPECT_LE(std::fabs(area(arc(31, 32, 15, 2, 0, 0.2f)) - kPi * 15 * 4), 6);
  // Two segments of radius R = (w^2 + h^2) / 2h that open by asin(w / R) to each side.
  const double w = 20, h = 8, r = (w * w + h * h) / (2 * h), t = std::asin(w / r);
  EXPECT_LE(std::fabs(area(almond(31, 32, 20, 8, 0.05f)) - r * r * (2 * t - std::sin(2 * t))), 8);
}

TEST(SimulatedLeaf, AreaDoesNotDependOnDirection) {
  for (float turns : {0.0f, 0.11f, 0.25f, 0.4f}) {
    EXPECT_LE(std::fabs(area(ellipse(31.5f, 31.5f, 18, 6, turns)) - std::numbers::pi * 108), 6)
        << turns;
  }
}

TEST(SimulatedCanvas, FrontHidesBack) {
  Canvas canvas(32);
  Leaf front = disc(16, 16, 6), back = disc(16, 16, 12);
  front.colour = {200, 10, 20};
  back.colour = {30, 40, 50};
  canvas.paint(front);
  canvas.paint(back);
  canvas.finish({90, 90, 90}, {}, {1, 1, 1});
  const std::vector<uint8_t> rgb = developed(canvas);
  const auto pixel = [&](int y, int x) { return rgb.data() + (y * 32 + x) * 3; };
  EXPECT_EQ(pixel(16, 16)[0], 200);
  EXPECT_EQ(pixel(16, 25)[0], 30);
  EXPECT_EQ(pixel(16, 25)[2], 50);
  EXPECT_EQ(pixel(1, 1)[1], 90);
}

TEST(SimulatedCanvas, EdgesAreAntiAliased) {
  Canvas canvas(32);
  Leaf leaf = disc(16, 16, 8);
  leaf.colour = {250, 250, 250};
  canvas.paint(leaf);
  canvas.finish({0, 0, 0}, {}, {1, 1, 1});
  int between = 0;
  for (uint8_t level : developed(canvas)) between += level > 20 && level < 230;
  EXPECT_GE(between, 3 * 20);  // about one pixel per pixel of outline
  EXPECT_LE(between, 3 * 70);
}

TEST(SimulatedCanvas, LeavesOutsideChangeNothing) {
  Canvas canvas(32);
  canvas.paint(disc(-50, 10, 8));
  canvas.paint(disc(10, 1e6f, 8));
  EXPECT_EQ(canvas.open_share(), 1.0);
}

TEST(SimulatedExactDraws, SineIsASine) {
  for (int i = -400; i <= 400; ++i) {
    const float turns = static_cast<float>(i) / 137.0f;
    EXPECT_LE(std::fabs(sin_turns(turns) - std::sin(2 * std::numbers::pi * turns)), 2e-6) << turns;
  }
}

TEST(SimulatedExactDraws, BellHasUnitVariance) {
  Rng rng(3, "test");
  double sum = 0, squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = bell(rng);
    sum += x;
    squares += x * x;
  }
  EXPECT_LE(std::fabs(sum / kDraws), 0.03);
  EXPECT_LE(std::fabs(squares / kDraws - 1), 0.04);
}

// Mean squared difference between pixels `step` apart, along x or along y.
double roughness(const std::vector<float>& table, int step, bool along_x) {
  double sum = 0;
  for (int y = 0; y < kNoiseSide - step; ++y) {
    for (int x = 0; x < kNoiseSide - step; ++x) {
      const int other = along_x ? y * kNoiseSide + x + step : (y + step) * kNoiseSide + x;
      const double d =
          table[static_cast<size_t>(y * kNoiseSide + x)] - table[static_cast<size_t>(other)];
      sum += d * d;
    }
  }
  return sum / ((kNoiseSide - step) * (kNoiseSide - step));
}

TEST(SimulatedNoise, PinkGrowsSlowlyWithDistanceAndOrientedHasADirection) {
  // Power ~ 1/f^2 in the plane: roughness grows with the logarithm of distance, so equal ratios of
  // distance add equal amounts; white noise would add nothing.
  const double near = roughness(pink_noise(), 2, true);
  const double middle = roughness(pink_noise(), 6, true);
  const double far = roughness(pink_noise(), 18, true);
  EXPECT_GE(middle - near, 0.25);
  EXPECT_GE(far - middle, 0.25);
  EXPECT_LE(std::fabs((far - middle) / (middle - near) - 1), 0.6);
  EXPECT_GE(roughness(oriented_noise(), 4, false), 3 * roughness(oriented_noise(), 4, true));
}

}  // namespace
}  // namespace secateur::simulated
