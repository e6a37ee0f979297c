#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "interpretation/stimuli/equal_luminance.h"
#include "interpretation/stimuli/stimulus.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::stimuli {
namespace {

const Ground kPage{.height = 48, .width = 64, .colour = {100, 120, 80}};
constexpr Rgb kBlack = {0, 0, 0};

Tensor one(const Stimulus& stimulus) { return render(kPage, std::span(&stimulus, 1)); }

float level(const Tensor& image, int64_t channel, int64_t y, int64_t x) {
  return image[(channel * kPage.height + y) * kPage.width + x];
}

// How many pixels a black stimulus covers, in red.
double covered(const Tensor& image) {
  double sum = 0;
  for (int64_t i = 0; i < kPage.height * kPage.width; ++i) sum += (100 - image[i]) / 100.0;
  return sum;
}

struct Middle {
  double x = 0, y = 0;
};
Middle middle_of(const Tensor& image) {
  Middle middle;
  const double all = covered(image);
  for (int64_t y = 0; y < kPage.height; ++y) {
    for (int64_t x = 0; x < kPage.width; ++x) {
      const double share = (100 - level(image, 0, y, x)) / 100.0;
      middle.x += share * static_cast<double>(x) / all;
      middle.y += share * static_cast<double>(y) / all;
    }
  }
  return middle;
}

TEST(Stimuli, NothingIsTheGround) {
  const Tensor image = one(Blank{});
  EXPECT_EQ(image.shape(), (Shape{1, 3, 48, 64}));
  for (int64_t c = 0; c < 3; ++c) {
    EXPECT_EQ(level(image, c, 0, 0), kPage.colour[static_cast<size_t>(c)]);
    EXPECT_EQ(level(image, c, 47, 63), kPage.colour[static_cast<size_t>(c)]);
  }
}

TEST(Stimuli, DotsHaveTheirPlaceAndArea) {
  const Tensor image = one(Dots{{{20.5, 30}}, 6, kBlack});
  EXPECT_NEAR(covered(image), std::numbers::pi * 36, 1.5);
  EXPECT_NEAR(middle_of(image).x, 20.5, 1e-3);
  EXPECT_NEAR(middle_of(image).y, 30, 1e-3);
  EXPECT_EQ(level(image, 1, 30, 20), 0);
  EXPECT_EQ(level(image, 1, 30, 28), 120);
  const Tensor two = one(Dots{{{15, 15}, {45, 30}}, 6, kBlack});
  EXPECT_NEAR(covered(two), 2 * covered(one(Dots{{{15, 15}}, 6, kBlack})), 1e-3);
}

TEST(Stimuli, DotsBeyondTheBorderAreCut) {
  EXPECT_NEAR(covered(one(Dots{{{-0.5, 20}}, 6, kBlack})), std::numbers::pi * 18, 1);
  EXPECT_EQ(covered(one(Dots{{{-30, 20}}, 6, kBlack})), 0);
  EXPECT_EQ(covered(one(Dots{{{300, 20}}, 6, kBlack})), 0);
}

TEST(Stimuli, BarsLieAlongTheirOrientation) {
  const Tensor flat = one(Bar{{30, 20}, 20, 4, 0, kBlack});
  EXPECT_NEAR(covered(flat), 80, 3);
  EXPECT_EQ(level(flat, 0, 20, 38), 0);
  EXPECT_EQ(level(flat, 0, 28, 30), 100);
  const Tensor upright = one(Bar{{30, 20}, 20, 4, 90, kBlack});
  EXPECT_EQ(level(upright, 0, 28, 30), 0);
  EXPECT_EQ(level(upright, 0, 20, 38), 100);
  // From +x towards +y: down to the right.
  const Tensor tilted = one(Bar{{30, 20}, 20, 4, 45, kBlack});
  EXPECT_EQ(level(tilted, 0, 25, 35), 0);
  EXPECT_EQ(level(tilted, 0, 15, 35), 100);
  EXPECT_NEAR(middle_of(tilted).x, 30, 0.01);
  EXPECT_NEAR(middle_of(tilted).y, 20, 0.01);
}

TEST(Stimuli, GratingsHaveTheirWave) {
  // Upright stripes of 16 pixels; the crest at the centre, half the levels above the ground.
  const Tensor image = one(Grating{{32, 24}, 90, 4, 0, 0.5});
  EXPECT_NEAR(level(image, 0, 3, 32), 150, 1e-3);
  EXPECT_NEAR(level(image, 0, 40, 40), 50, 1e-3);
  EXPECT_NEAR(level(image, 1, 3, 32), 180, 1e-3);
  EXPECT_NEAR(level(image, 0, 3, 36), 100, 1e-3);
  // A phase of 90 moves the crest a quarter of a period on: orientation + 90 = 180 is to the left.
  EXPECT_NEAR(level(one(Grating{{32, 24}, 90, 4, 90, 0.5}), 0, 3, 28), 150, 1e-3);
  EXPECT_NEAR(level(one(Grating{{32, 24}, 0, 4, 90, 0.5}), 0, 28, 5), 150, 1e-3);
  const Tensor windowed = one(Grating{{32, 24}, 90, 4, 0, 0.5, 8});
  EXPECT_NEAR(level(windowed, 0, 24, 40), 100 - 50 * std::exp(-0.5), 1e-3);
}

TEST(Stimuli, CurvesBulgeInTheirDirectionAndKeepTheirLength) {
  const double straight = covered(one(Curve{{32, 24}, 0, 0, 20, 3, kBlack}));
  EXPECT_NEAR(straight, 60, 3);
  for (const double turn : {30.0, 90.0, 180.0, 300.0}) {
    const Tensor image = one(Curve{{32, 24}, turn, 0, 20, 3, kBlack});
    EXPECT_NEAR(covered(image), 60, 4) << turn;
    EXPECT_LT(level(image, 0, 24, 32), 1) << turn << ": its middle is at its centre";
    EXPECT_LT(middle_of(image).x, 32) << turn << ": its ends are behind it";
  }
  EXPECT_LT(middle_of(one(Curve{{32, 24}, 90, 90, 20, 3, kBlack})).y, 24);
}

TEST(Stimuli, CornersOpenInTheirDirection) {
  const Tensor right = one(Corner{{30, 24}, 90, 0, 12, 3, kBlack});
  EXPECT_EQ(level(right, 0, 30, 36), 0);
  EXPECT_EQ(level(right, 0, 18, 36), 0);
  EXPECT_EQ(level(right, 0, 24, 36), 100);
  EXPECT_EQ(level(right, 0, 24, 22), 100);
  const Tensor line = one(Corner{{30, 24}, 180, 0, 12, 3, kBlack});
  EXPECT_EQ(level(line, 0, 34, 30), 0);
  EXPECT_EQ(level(line, 0, 14, 30), 0);
  EXPECT_NEAR(covered(line), 72, 3);
}

TEST(Stimuli, LeavesKeepTheColourOfTheGround) {
  const Leaves leaves{{30, 24}, 12, 3, 1};
  const Tensor image = one(leaves);
  EXPECT_EQ(level(image, 0, 0, 0), 100);
  for (int64_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0, count = 0;
    for (int64_t y = 0; y < 48; ++y) {
      for (int64_t x = 0; x < 64; ++x) {
        if (std::hypot(static_cast<double>(x - 30), static_cast<double>(y - 24)) > 11) continue;
        const double moved = level(image, c, y, x) - kPage.colour[static_cast<size_t>(c)];
        sum += moved, squares += moved * moved, count += 1;
      }
    }
    EXPECT_NEAR(sum / count, 0, 8) << "cut at 0 and 255";
    EXPECT_GT(squares / count, 50);
  }
  EXPECT_TRUE(same_bits(image, one(leaves)));
  EXPECT_FALSE(same_bits(image, one(Leaves{{30, 24}, 12, 3, 2})));
}

TEST(Stimuli, PolarColoursAreAsFarFromTheGround) {
  EXPECT_EQ(polar_colour(kPage, Polarity::kDark), kBlack);
  EXPECT_EQ(polar_colour(kPage, Polarity::kLight), (Rgb{200, 240, 160}));
  EXPECT_EQ(polar_colour(kPage, Polarity::kDark, 0.5), (Rgb{50, 60, 40}));
  EXPECT_EQ(polar_colour(Ground{.colour = {200, 1, 1}}, Polarity::kLight)[0], 255);
  EXPECT_THROW(polar_colour(kPage, Polarity::kDark, 1.5), Error);
}

TEST(Stimuli, EquallyBrightColoursHaveOneLightnessAndTheChromaAsked) {
  const Rgb ground = kPublishedPixelMean;
  const auto from = lab_of(ground);
  for (double hue = 0; hue < 360; hue += 30) {
    const auto lab = lab_of(equally_bright(ground, hue, 25));
    EXPECT_NEAR(lab[0], from[0], 1e-3) << hue;
    EXPECT_NEAR(lab[1] - from[1], 25 * std::cos(hue * std::numbers::pi / 180), 1e-3) << hue;
    EXPECT_NEAR(lab[2] - from[2], 25 * std::sin(hue * std::numbers::pi / 180), 1e-3) << hue;
  }
  EXPECT_EQ(equally_bright(ground, 77, 0), ground);
  EXPECT_THROW(equally_bright(ground, 200, 120), Error);
  EXPECT_FALSE(is_shown(ground, 200, 120));
  // Published values of sRGB red and blue (D65), to the digits that are given.
  EXPECT_NEAR(lab_of({255, 0, 0})[0], 53.24, 0.02);
  EXPECT_NEAR(lab_of({255, 0, 0})[1], 80.09, 0.05);
  EXPECT_NEAR(lab_of({0, 0, 255})[2], -107.86, 0.05);
}

TEST(Stimuli, RefuseWhatCannotBeDrawn) {
  EXPECT_THROW(one(Dots{{{1, 1}}, 0.2, kBlack}), Error);
  EXPECT_THROW(one(Dots{{{1, 1}}, NAN, kBlack}), Error);
  EXPECT_THROW(one(Bar{{1, 1}, 0, 2, 0, kBlack}), Error);
  EXPECT_THROW(one(Curve{{1, 1}, 350}), Error);
  EXPECT_THROW(one(Grating{{1, 1}, 0, 0}), Error);
  EXPECT_THROW(one(Grating{{1, 1}, 0, 4, 0, 1.5}), Error);
  EXPECT_THROW(one(Leaves{{1, 1}, 0}), Error);
  EXPECT_THROW(ground_of({.channels = 1}), Error);
  EXPECT_THROW(simulated_pictures({.height = 600}, 1, 1), Error);
}

TEST(Stimuli, HaveTheSameBytesOnAnyNumberOfThreads) {
  const std::vector<Stimulus> all = {Blank{},         Dots{{{9, 9}}, 4}, Bar{{20, 20}},
                                     Grating{{9, 9}}, Curve{{20, 20}},   Corner{{20, 20}},
                                     Leaves{{20, 20}}};
  set_thread_budget(1);
  const Tensor alone = render(kPage, all), pictures = simulated_pictures(kPage, 5, 3);
  set_thread_budget(3);
  EXPECT_TRUE(same_bits(alone, render(kPage, all)));
  EXPECT_TRUE(same_bits(pictures, simulated_pictures(kPage, 5, 3)));
  set_thread_budget(0);
}

}  // namespace
}  // namespace secateur::stimuli
