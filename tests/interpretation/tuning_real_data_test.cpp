// What published compact models are tuned to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "interpretation/receptive_field.h"
#include "interpretation/stimulus_families.h"
#include "model_files/model_files.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

Tuning published_tuning(const Model& model, const StimulusFamily& family) {
  Observer nobody;
  return measure_tuning(responses_to_pixels(model), stimuli::Ground{}, family, nobody);
}

// The example of the authors' repository, whose filters their paper shows for a dot detector.
TEST(PublishedTuning, Neuron2Of201025DetectsSmallDarkDots) {
  const auto file = shared() / "v4/compact_models/compact_model_201025_neuron2.keras";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the published compact models are not here";
  const Model model = read_model(file);
  const Tuning dark =
      published_tuning(model, dot_locations(stimuli::Ground{}, stimuli::Polarity::kDark));
  const Tuning light =
      published_tuning(model, dot_locations(stimuli::Ground{}, stimuli::Polarity::kLight));
  const std::vector<double> place = dark.values_at(dark.best());
  EXPECT_NEAR(place[1], 74, 4);
  EXPECT_NEAR(place[0], 62, 4);
  EXPECT_GT(dark.responses[dark.best()] - dark.blank,
            1.5 * (light.responses[light.best()] - light.blank));
  const Tuning size = published_tuning(
      model, dot_sizes(stimuli::Ground{}, stimuli::Polarity::kDark, {place[1], place[0]}));
  EXPECT_NEAR(size.values_at(size.best())[0], 4, 1);
  const TuningCurve curve = curve_of(size, 0);
  ASSERT_TRUE(curve.half_above);
  EXPECT_NEAR(*curve.half_above, 19, 2);
}

// Three ways to the same part of the image.
TEST(PublishedTuning, TheFieldOfNeuron2IsWhereItsDotsAre) {
  const auto file = shared() / "v4/compact_models/compact_model_201025_neuron2.keras";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the published compact models are not here";
  Observer nobody;
  const ReceptiveField field = receptive_field(
      read_model(file), 0, stimuli::simulated_pictures({}, 1, 8), {.blurred = 4}, nobody);
  EXPECT_NEAR(field.by_gradient.x, 74, 8);
  EXPECT_NEAR(field.by_gradient.y, 62, 8);
  EXPECT_NEAR(field.by_blur.x, 74, 12);
  EXPECT_NEAR(field.by_blur.y, 62, 12);
  EXPECT_EQ(field.theoretical.unit, 49);
}

}  // namespace
}  // namespace secateur
