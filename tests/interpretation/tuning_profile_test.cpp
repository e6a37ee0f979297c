#include "interpretation/tuning_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "formats/csv.h"
#include "tensor/parallel.h"
#include "tests/interpretation/planted_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const InputSpec kPlantedInput{.height = 56, .width = 56};
const stimuli::Ground kPlantedGround = stimuli::ground_of(kPlantedInput);

TuningProfile profile_of(const Model& model) {
  Observer nobody;
  return tuning_profile(responses_to_pixels(model), kPlantedGround, 1, nobody);
}

Tuning tuning_of(const Model& model, const StimulusFamily& family) {
  Observer nobody;
  return measure_tuning(responses_to_pixels(model), kPlantedGround, family, nobody);
}

TEST(TuningProfile, FindsAPlantedDotDetector) {
  const Model model = planted_model(dark_dot_kernel(9, 3), only_at(56, 56, 20, 34), 1);
  const TuningProfile profile = profile_of(model);
  EXPECT_EQ(profile.better, 0u);
  const DotTuning& dark = profile.dots[0];
  EXPECT_NEAR(dark.place.x, 34, 1.01);
  EXPECT_NEAR(dark.place.y, 20, 1.01);
  EXPECT_NEAR(dark.radius, 3, 0.51);
  const TuningCurve size = curve_of(dark.size, 0);
  ASSERT_TRUE(size.half_above);
  EXPECT_LT(*size.half_above, 4.3) << "its ring is as large as its centre";
  EXPECT_TRUE(is_clear(profile, dark.location));
  EXPECT_TRUE(is_clear(profile, size));
  EXPECT_EQ(profile.place, dark.place);
  const auto said = tuning_sentences(profile);
  EXPECT_THAT(said, Contains(StartsWith("Prefers dark dots of radius ")));
  EXPECT_THAT(said, Contains(StartsWith("The response falls to half at ")));
}

TEST(TuningProfile, NamesTheBetterPolarity) {
  Tensor kernel = dark_dot_kernel(9, 3);
  for (float& v : kernel.values()) v = -v;
  const TuningProfile profile = profile_of(planted_model(kernel, only_at(56, 56, 20, 34), 1));
  EXPECT_EQ(profile.better, 1u);
  EXPECT_THAT(tuning_sentences(profile), Contains(StartsWith("Prefers light dots")));
}

TEST(TuningProfile, CountsDotsThatAddUp) {
  const Tensor everywhere = Tensor::full(Shape{56, 56}, 1);
  const auto ground = kPlantedGround;
  const auto ratio = [&](const Tensor& weights) {
    const Model model = planted_model(dark_dot_kernel(5, 1.5), weights, 20);
    const StimulusFamily family = dot_numbers(ground, stimuli::Polarity::kDark, {28, 28}, 1.5, 1);
    const Tuning tuning = tuning_of(model, family);
    return (tuning.responses.back() - tuning.blank) / (tuning.responses.front() - tuning.blank);
  };
  EXPECT_NEAR(ratio(everywhere), 10, 1.5);
  EXPECT_LT(ratio(only_at(56, 56, 28, 28)), 1.1);
}

TEST(TuningProfile, SaysHowManyTimesOneDot) {
  TuningProfile profile =
      profile_of(planted_model(dark_dot_kernel(9, 3), only_at(56, 56, 20, 34), 1));
  Tuning& number = profile.dots[0].number;
  for (size_t i = 0; i < number.responses.size(); ++i) {
    number.responses[i] =
        number.blank + 10 * profile.reference.deviation * (1 + 0.5 * static_cast<double>(i));
  }
  EXPECT_THAT(
      tuning_sentences(profile),
      Contains(HasSubstr("10 such dots give 5.50 times what one gives; the most is at 10")));
}

TEST(TuningProfile, CallsClearWhatStandsOutInThreeWays) {
  TuningProfile profile;
  profile.reference = {.pictures = 128, .mean = 10, .deviation = 2};
  const auto clear = [&](double blank, double worst, double best) {
    profile.blank = blank;
    return is_clear(
        profile, Tuning{.axes = {{"a", "", {1, 2}}}, .blank = blank, .responses = {worst, best}});
  };
  EXPECT_TRUE(clear(5, 5, 12));
  EXPECT_FALSE(clear(5, 5, 11.9)) << "less than a deviation above the pictures";
  EXPECT_TRUE(clear(11, 11, 13));
  EXPECT_FALSE(clear(11, 11, 12.9)) << "less than a deviation above the blank";
  EXPECT_TRUE(clear(5, 9, 13));
  EXPECT_FALSE(clear(5, 9.1, 13)) << "drives less than twice as much as the worst";
  EXPECT_EQ(z_of(profile, 13), 1.5);
}

TEST(TuningProfile, SaysWhenDotsDoNothing) {
  // A model of the colour of one place: red less green.
  Tensor kernel = Tensor::zeros(Shape{3, 1, 1});
  kernel[0] = 1, kernel[1] = -1;
  const TuningProfile profile = profile_of(planted_model(kernel, only_at(56, 56, 30, 30), 8));
  EXPECT_FALSE(is_clear(profile, profile.dots[profile.better].location));
  const auto said = tuning_sentences(profile);
  EXPECT_THAT(said, Contains(StartsWith("No clear preference for dots")));
  EXPECT_THAT(said, Not(Contains(HasSubstr("Prefers"))));
}

TEST(TuningProfile, SaysNothingOfAModelThatAnswersAllAlike) {
  const Model model = planted_model(Tensor::zeros(Shape{3, 3, 3}), only_at(56, 56, 9, 9));
  const TuningProfile profile = profile_of(model);
  EXPECT_EQ(z_of(profile, 5), 0);
  const auto said = tuning_sentences(profile);
  EXPECT_THAT(said.back(), HasSubstr("answers all pictures alike"));
  EXPECT_EQ(tuning_json(profile)["families"][0]["clear"], false);
}

TEST(TuningProfile, FindsTheHueOfAColourFilter) {
  Tensor kernel = Tensor::zeros(Shape{3, 1, 1});
  kernel[0] = 1, kernel[1] = -1;
  const Model model = planted_model(kernel, only_at(56, 56, 30, 30));
  const Tuning tuning = tuning_of(model, hues(kPlantedGround, {30, 30}, 5));
  const auto best = tuning.values_at(tuning.best());
  EXPECT_THAT(best[0], AnyOf(0, 30)) << "towards red";
  EXPECT_EQ(best[1], tuning.axes[1].values.back());
}

// A planted filter of the direction, wavelength 7 pixels (8 cycles per image).
std::vector<double> best_grating(double direction, double phase) {
  const simulated::FilterSpec spec{.side = 11,
                                   .direction = direction,
                                   .wavelength = 7,
                                   .phase = phase,
                                   .sigma = 3,
                                   .stretch = 1.5,
                                   .channels = simulated::kLight};
  const Model model = planted_model(simulated::filter_patch(spec), only_at(56, 56, 26, 31));
  const Tuning tuning = tuning_of(model, gratings(kPlantedGround, {31, 26}));
  return tuning.values_at(tuning.best());
}

TEST(TuningProfile, FindsAPlantedOrientationFrequencyAndPhase) {
  EXPECT_EQ(best_grating(120, 90), (std::vector<double>{30, 8, 90}));
  EXPECT_EQ(best_grating(150, 45), (std::vector<double>{60, 8, 45}));
  // At right angles to stripes of 120 degrees is 210: against the filter, whose sine turns round.
  EXPECT_EQ(best_grating(30, 90), (std::vector<double>{120, 8, 270}));
}

TEST(TuningProfile, FindsAPlantedBar) {
  const simulated::FilterSpec spec{.side = 11,
                                   .direction = 150,
                                   .wavelength = 9,
                                   .phase = 180,
                                   .sigma = 3,
                                   .stretch = 2,
                                   .channels = simulated::kLight};
  const Model model = planted_model(simulated::filter_patch(spec), only_at(56, 56, 26, 31));
  const Tuning tuning = tuning_of(model, bars(kPlantedGround, {31, 26}));
  EXPECT_EQ(tuning.values_at(tuning.best()), (std::vector<double>{60, 4, -1}));
  EXPECT_GT(*curve_of(tuning, 0).circular_selectivity, 0.5);
}

TEST(TuningProfile, IsTheSameOnAnyNumberOfThreadsAndHeardOnOneScale) {
  const Model model = planted_model(dark_dot_kernel(9, 3), only_at(56, 56, 20, 34));
  set_thread_budget(1);
  Watching watching;
  const TuningProfile alone =
      tuning_profile(responses_to_pixels(model), kPlantedGround, 1, watching);
  expect_runs_to_the_end(watching.heard, "tuning");
  set_thread_budget(3);
  const TuningProfile again = profile_of(model);
  set_thread_budget(0);
  EXPECT_EQ(tuning_csv(alone), tuning_csv(again));
  EXPECT_EQ(tuning_json(alone).dump(), tuning_json(again).dump());
  Watching stopping(3);
  EXPECT_THROW(tuning_profile(responses_to_pixels(model), kPlantedGround, 1, stopping), Stopped);
}

TEST(TuningProfile, WritesAllResponsesAsATable) {
  const TuningProfile profile =
      profile_of(planted_model(dark_dot_kernel(9, 3), only_at(56, 56, 20, 34)));
  const std::string text = tuning_csv(profile);
  CsvReader csv(text, "tuning.csv");
  size_t stimuli = 0;
  for (const DotTuning& dots : profile.dots) {
    stimuli +=
        dots.location.responses.size() + dots.size.responses.size() + dots.number.responses.size();
  }
  for (const Tuning& tuning : profile.others) stimuli += tuning.responses.size();
  std::vector<std::string> cells;
  size_t rows = 0;
  double best = -1;
  while (csv.next(cells)) {
    ++rows;
    if (cells[0] == "dark dot, location") {
      best = std::max(best, csv.number(cells, csv.column("response")));
    }
  }
  EXPECT_EQ(rows, stimuli);
  EXPECT_EQ(best, profile.dots[0].location.responses[profile.dots[0].location.best()]);
}

}  // namespace
}  // namespace secateur
