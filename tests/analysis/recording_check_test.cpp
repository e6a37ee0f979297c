#include "analysis/recording_check.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/simulated/neurons.h"
#include "data/simulated/session.h"

namespace secateur {
namespace {

using simulated::SimulatedSession;

SimulatedSession session_of(int64_t images) {
  std::vector<simulated::NeuronCircuit> circuits = simulated::default_population(32);
  circuits.resize(3);
  return simulated::simulate_session(circuits, {.seed = 3, .size = 32, .images = images});
}

// The estimates from counts against what is true of the rates that made them.
TEST(RecordingCheck, FindsTheReliabilityThatIsTrue) {
  const SimulatedSession session = session_of(600);
  const std::vector<NeuronQuality> neurons =
      quality_of(simulated::as_recording(session, "simulated"), 1);
  ASSERT_EQ(neurons.size(), 3u);
  for (const NeuronQuality& neuron : neurons) {
    const simulated::Explainable truth = explainable(session, neuron.neuron);
    ASSERT_TRUE(neuron.snr && neuron.noise_ceiling && neuron.reliability);
    EXPECT_NEAR(*neuron.snr, truth.snr, 0.15 * truth.snr);
    EXPECT_NEAR(*neuron.noise_ceiling, truth.ceiling, 0.03);
    EXPECT_NEAR(*neuron.reliability, truth.ceiling, 0.05);
    EXPECT_FALSE(neuron.constant);
    EXPECT_EQ(neuron.images, 600);
  }
}

TEST(RecordingCheck, SaysWhatCannotBeKnown) {
  Recording recording;
  recording.session = "s";
  recording.neurons = 2;
  recording.images = 4;
  recording.mean = {2, 2, NAN, 2, 1, 2, 3, 4};
  recording.neuron_names = {"a", "b"};
  const std::vector<NeuronQuality> neurons = quality_of(recording, 1);
  EXPECT_TRUE(neurons[0].constant);
  EXPECT_EQ(neurons[0].images, 3);
  EXPECT_EQ(neurons[0].mean, 2);
  EXPECT_EQ(neurons[1].name, "b");
  EXPECT_FALSE(neurons[1].constant);
  EXPECT_FALSE(neurons[1].snr || neurons[1].reliability || neurons[1].noise_ceiling);
}

// A picture of four has two rows; whether they differ decides if the noise is known.
TEST(RecordingCheck, KnowsTheNoiseOnlyFromRepeatsThatDiffer) {
  Recording recording;
  recording.session = "s";
  recording.neurons = 1;
  recording.images = 4;
  recording.repeats = 2;
  recording.mean = {2, 1, 4, 3};
  recording.trials = {2, 2, 1, NAN, 4, NAN, 3, NAN};
  EXPECT_EQ(quality_of(recording, 1)[0].images_repeated, 1);
  EXPECT_FALSE(quality_of(recording, 1)[0].noise_ceiling);
  EXPECT_EQ(images_with_equal_trials(recording), std::vector<int64_t>{0});
  recording.trials[1] = 2.5;
  EXPECT_TRUE(quality_of(recording, 1)[0].noise_ceiling);
  EXPECT_TRUE(images_with_equal_trials(recording).empty());
}

// Counts are the same by chance where many images have repeats, fractions are not.
TEST(RecordingCheck, TakesEqualCountsForChance) {
  Recording recording;
  recording.neurons = 1;
  recording.images = kFewRepeatedImages;
  recording.repeats = 2;
  recording.trials.assign(2 * kFewRepeatedImages, 3.0);
  EXPECT_TRUE(images_with_equal_trials(recording).empty());
  recording.trials[4] = recording.trials[5] = 3.25;
  EXPECT_EQ(images_with_equal_trials(recording), std::vector<int64_t>{2});
}

// Two sessions that share a stimulus, and one that shows it twice.
TEST(RecordingCheck, FindsPicturesThatAreTheSame) {
  const Recording first = simulated::as_recording(session_of(8), "first");
  Recording second = first;
  second.session = "second";
  second.images = 3;
  second.image_source = select_images(first.image_source, {7, 2, 2});
  const auto groups = repeated_pictures({first, second}).same;
  ASSERT_EQ(groups.size(), 2u);
  size_t pictures = 0;
  for (const auto& group : groups) pictures += group.size();
  EXPECT_EQ(pictures, 5u);  // 7 and its copy, 2 and its two
  EXPECT_TRUE(repeated_pictures({first}).same.empty());
}

}  // namespace
}  // namespace secateur
