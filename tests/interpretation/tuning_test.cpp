#include "interpretation/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "interpretation/stimulus_families.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/planted_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

using testing::DoubleNear;
using testing::Optional;

// A tuning as it would be measured, over one axis.
Tuning made_tuning(std::vector<double> values, std::vector<double> responses, double period = 0) {
  return {.family = "made",
          .axes = {{"value", "", std::move(values), period}},
          .blank = 1,
          .responses = std::move(responses)};
}

TEST(TuningCurve, FindsTheBestAndItsWidth) {
  // Height 8 above the blank, half of it at 5: between 2 and 3, and between 4 and 6.
  const TuningCurve curve = curve_of(made_tuning({1, 2, 3, 4, 6, 7}, {1, 4, 6, 9, 1, 0}), 0);
  EXPECT_EQ(curve.best, 3u);
  EXPECT_THAT(curve.half_below, Optional(DoubleNear(2.5, 1e-12)));
  EXPECT_THAT(curve.half_above, Optional(DoubleNear(5, 1e-12)));
  EXPECT_THAT(curve.half_width, Optional(DoubleNear(1.25, 1e-12)));
  EXPECT_EQ(curve.selectivity, 1);
  EXPECT_FALSE(curve.circular_selectivity);
}

TEST(TuningCurve, HasNoWidthWhereItDoesNotFall) {
  const TuningCurve rising = curve_of(made_tuning({1, 2, 3}, {1, 3, 9}), 0);
  EXPECT_FALSE(rising.half_above);
  EXPECT_THAT(rising.half_width, Optional(DoubleNear(3 - (2 + 2.0 / 6), 1e-12)));
  EXPECT_FALSE(curve_of(made_tuning({1, 2, 3}, {8, 9, 8}), 0).half_width);
  const TuningCurve none = curve_of(made_tuning({1, 2, 3}, {0, 1, 0}), 0);
  EXPECT_FALSE(none.half_width);
  EXPECT_EQ(none.selectivity, 0) << "nothing drives";
}

TEST(TuningCurve, SelectivityComparesWhatDrives) {
  EXPECT_NEAR(selectivity_of(made_tuning({1, 2}, {3, 5})), (4.0 - 2) / (4 + 2), 1e-12);
  EXPECT_EQ(selectivity_of(made_tuning({1, 2}, {-7, 5})), 1);
  EXPECT_EQ(selectivity_of(made_tuning({1, 2}, {5, 5})), 0);
}

TEST(TuningCurve, GoesRoundWhereTheAxisDoes) {
  const TuningCurve curve = curve_of(made_tuning({0, 45, 90, 135}, {9, 1, 1, 5}, 180), 0);
  EXPECT_THAT(curve.half_below, Optional(DoubleNear(-45, 1e-12)));
  EXPECT_THAT(curve.half_above, Optional(DoubleNear(22.5, 1e-12)));
  EXPECT_THAT(curve.half_width, Optional(DoubleNear(33.75, 1e-12)));
  // Drives 8 at angle 0 and 4 at three quarters of a turn: |8 - 4i| / 12.
  EXPECT_THAT(curve.circular_selectivity, Optional(DoubleNear(std::sqrt(80.0) / 12, 1e-12)));
  EXPECT_THAT(curve_of(made_tuning({0, 60, 120}, {5, 5, 5}, 180), 0).circular_selectivity,
              Optional(DoubleNear(0, 1e-12)));
}

TEST(TuningCurve, RunsThroughTheBestOfSeveralAxes) {
  const Tuning tuning{.family = "made",
                      .axes = {{"a", "", {10, 20}}, {"b", "", {1, 2, 3}}},
                      .blank = 0,
                      .responses = {1, 2, 3, 4, 9, 6},
                      .deviations = {0, 1, 2, 3, 4, 5}};
  EXPECT_EQ(tuning.values_at(tuning.best()), (std::vector<double>{20, 2}));
  EXPECT_EQ(tuning.values_at(tuning.worst()), (std::vector<double>{10, 1}));
  EXPECT_EQ(curve_of(tuning, 0).responses, (std::vector<double>{2, 9}));
  EXPECT_EQ(curve_of(tuning, 0).deviations, (std::vector<double>{1, 4}));
  EXPECT_EQ(curve_of(tuning, 1).responses, (std::vector<double>{4, 9, 6}));
  EXPECT_THROW(curve_of(tuning, 2), Error);
}

// Responses that follow from the pixels without a model: the red level of the first pixel.
std::vector<double> first_pixels(const Tensor& pixels) {
  std::vector<double> levels;
  for (int64_t i = 0; i < pixels.dim(0); ++i) {
    levels.push_back(double{pixels[i * pixels.numel() / pixels.dim(0)]});
  }
  return levels;
}

TEST(Tuning, TakesMeansAndDeviationsOverDraws) {
  const stimuli::Ground ground{.height = 8, .width = 8, .colour = {50, 0, 0}};
  const StimulusFamily family{
      .name = "levels",
      .axes = {{"level", "", {10, 20}}},
      .stimulus =
          [](std::span<const double> at, int64_t draw) {
            const auto level = static_cast<float>(at[0] + static_cast<double>(draw * draw));
            return stimuli::Dots{{{0, 0}}, 4, {level, 0, 0}};
          },
      .draws = 3};
  Watching watching;
  const Tuning tuning = measure_tuning(first_pixels, ground, family, watching);
  EXPECT_EQ(tuning.blank, 50);
  ASSERT_EQ(tuning.responses.size(), 2u);
  EXPECT_NEAR(tuning.responses[1], 20 + 5.0 / 3, 1e-5);
  EXPECT_NEAR(tuning.deviations[1], std::sqrt((25 + 4 + 49) / 9.0 / 2 * 1.0), 1e-4);
  expect_one_scale(watching.heard, "tuning");
  EXPECT_EQ(watching.heard.back().done, 6);
  Watching stopping(1);
  EXPECT_THROW(measure_tuning(first_pixels, ground, family, stopping), Stopped);
  EXPECT_THROW(measure_tuning(first_pixels, ground, {.name = "none", .axes = {{}}}, watching),
               Error);
}

TEST(Families, ArrangementsOfDotsGrowAndDifferByDraw) {
  const stimuli::Ground ground;
  const StimulusFamily family = dot_numbers(ground, stimuli::Polarity::kDark, {50, 60}, 4, 7);
  const auto places = [&](double number, int64_t draw) {
    return std::get<stimuli::Dots>(family.stimulus(std::vector<double>{number}, draw)).places;
  };
  const auto ten = places(10, 0), three = places(3, 0);
  ASSERT_EQ(ten.size(), 10u);
  EXPECT_TRUE(std::equal(three.begin(), three.end(), ten.begin()));
  EXPECT_EQ(places(1, 0), places(1, 1));
  EXPECT_NE(ten, places(10, 1));
  for (size_t i = 0; i < ten.size(); ++i) {
    EXPECT_LE(std::hypot(ten[i].x - 50, ten[i].y - 60), 28.01);
    for (size_t j = 0; j < i; ++j) {
      EXPECT_GT(std::hypot(ten[i].x - ten[j].x, ten[i].y - ten[j].y), 8) << "they do not overlap";
    }
  }
}

TEST(Families, DotsAreThoseOfThePublishedProtocol) {
  const stimuli::Ground ground;
  const StimulusFamily where = dot_locations(ground, stimuli::Polarity::kLight);
  EXPECT_EQ(where.axes[0].values.size(), 28u);
  EXPECT_EQ(where.axes[1].values.front(), 1.5);
  EXPECT_EQ(where.axes[1].values.back(), 109.5);
  const auto dot = std::get<stimuli::Dots>(where.stimulus(std::vector<double>{9.5, 5.5}, 0));
  EXPECT_EQ(dot.places, (std::vector<stimuli::Place>{{5.5, 9.5}}));
  EXPECT_EQ(dot.radius, 5);
  const StimulusFamily sizes = dot_sizes(ground, stimuli::Polarity::kDark, {1, 2});
  EXPECT_EQ(sizes.axes[0].values.front(), 2);
  EXPECT_EQ(sizes.axes[0].values.back(), 22);
  // Half the side, half the lengths; nothing thinner than a pixel.
  const stimuli::Ground small{.height = 56, .width = 56};
  const auto radii = dot_sizes(small, stimuli::Polarity::kDark, {1, 2}).axes[0].values;
  EXPECT_EQ(radii.front(), 1);
  EXPECT_EQ(radii.back(), 11);
}

}  // namespace
}  // namespace secateur
