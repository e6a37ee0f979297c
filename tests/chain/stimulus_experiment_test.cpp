#include "chain/stimulus_experiment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "chain/depth_predictions.h"
#include "chain/stimulus_world.h"
#include "data/simulated/neurons.h"
#include "data/simulated/rates.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

StimulusExperiment tiny_experiment() {
  return {.neurons = {3},
          .seeds = 1,
          .members = 2,
          .start = 12,
          .rounds = 1,
          .bank = 2,
          .repeats = 1,
          .tests = 20,
          .steps = 1};
}

TEST(StimulusExperiment, HasARowForEveryChoiceAndTheSameBitsOnAnyNumberOfThreads) {
  Observer nobody;
  set_thread_budget(1);
  const auto one = run_stimulus_experiment(tiny_experiment(), nobody);
  set_thread_budget(3);
  const auto three = run_stimulus_experiment(tiny_experiment(), nobody);
  set_thread_budget(0);
  ASSERT_EQ(one.size(), 5u);
  EXPECT_EQ(one[0].images, 12);
  for (size_t i = 1; i < one.size(); ++i) {
    EXPECT_EQ(one[i].choice, kStimulusChoices[i - 1]);
    EXPECT_EQ(one[i].images, 24);
  }
  for (size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].accuracy.size(), 1u);
    EXPECT_EQ(one[i].accuracy, three[i].accuracy);
    EXPECT_EQ(one[i].mean, one[i].accuracy[0]);
    EXPECT_FALSE(one[i].interval);
  }
  EXPECT_NEAR(one[2].gain, one[2].mean - one[1].mean, 1e-12);
  EXPECT_NE(one[1].accuracy, one[2].accuracy);
  EXPECT_NE(one[3].accuracy, one[4].accuracy);
}

TEST(StimulusExperiment, RefusesWhatCannotBe) {
  Observer nobody;
  const auto refused = [&](auto change) {
    StimulusExperiment experiment = tiny_experiment();
    change(experiment);
    EXPECT_THROW(run_stimulus_experiment(experiment, nobody), Error);
  };
  refused([](StimulusExperiment& e) { e.neurons = {8}; });
  refused([](StimulusExperiment& e) { e.neurons.clear(); });
  refused([](StimulusExperiment& e) { e.members = 1; });
  refused([](StimulusExperiment& e) { e.start = 11; });
  refused([](StimulusExperiment& e) { e.rounds = 20; });
  refused([](StimulusExperiment& e) { e.bank = 1; });
}

class Impatient : public Observer {
 public:
  bool stop() override { return true; }
};

TEST(StimulusExperiment, StopsWhenAsked) {
  Impatient observer;
  EXPECT_THROW(run_stimulus_experiment(tiny_experiment(), observer), Stopped);
}

TEST(StimulusWorld, RecordsCountsAroundTheRates) {
  const StimulusWorld world{
      .seed = 2, .size = 32, .repeats = 40, .circuits = simulated::default_population(32)};
  const std::vector<Stimulus> stimuli = {{5, false}, {5, true}, {6, false}};
  const Recording recording = world.record(stimuli);
  const std::vector<double> rates = world.rates(stimuli);
  double difference = 0;
  for (size_t i = 0; i < rates.size(); ++i) difference += recording.mean[i] - rates[i];
  EXPECT_NEAR(difference / static_cast<double>(rates.size()), 0, 0.35);
  EXPECT_NE(rates[0], rates[1]);
  EXPECT_EQ(rates[0],
            simulated::stimulus_rates(world.circuits, 2, 5, 1, 32)[0]);  // image 5 as it is
  std::vector<uint8_t> gaudy(32 * 32 * 3);
  recording.image_source->read(1, gaudy);
  for (const uint8_t value : gaudy) EXPECT_TRUE(value == 0 || value == 255);
}

TEST(StudentInterval, IsTheTextbooks) {
  const auto interval = student_interval({1, 2, 3});  // mean 2, s 1, t 4.303
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 2 - 4.303 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(interval->high, 2 + 4.303 / std::sqrt(3), 1e-12);
  EXPECT_FALSE(student_interval({1}));
}

// A response that is linear in the pixels is read from depth 0 exactly, whatever the network; one
// of noise from nowhere.
TEST(DepthPredictions, ReadWhatALayerHolds) {
  const int64_t images = 120, fitted = 80;
  Rng rng(1, "test/depth", 0);
  std::vector<uint8_t> pixels(static_cast<size_t>(images * 8 * 8 * 3));
  for (uint8_t& value : pixels) value = static_cast<uint8_t>(rng.below(4));
  std::vector<double> responses;
  for (int64_t i = 0; i < images; ++i) {
    const uint8_t* const image = pixels.data() + i * 8 * 8 * 3;
    responses.push_back(10 + 3.0 * image[0]);
    responses.push_back(rng.normal());
    // Pixel 0 stands out, so that 80 images are enough.
    pixels[static_cast<size_t>(i * 8 * 8 * 3)] =
        static_cast<uint8_t>(40 * pixels[static_cast<size_t>(i * 8 * 8 * 3)]);
  }
  const ImageSourcePtr source = images_in_memory(8, 8, pixels);
  const Model core(student_architecture({3, 3, 3, 3, 3}, {.height = 8, .width = 8}), 1);
  Observer nobody;
  const std::vector<double> known(responses.begin(), responses.begin() + 2 * fitted);
  const auto depths = predict_by_depth(core, *source, known, fitted, nobody);
  ASSERT_EQ(depths.size(), 6u);
  EXPECT_EQ(depths[0].layer, "pixels");
  EXPECT_EQ(depths[0].features, 3 * 8 * 8);
  EXPECT_EQ(depths[5].features, 3 * 2 * 2);
  double error = 0, noise = 0;
  for (int64_t i = fitted; i < images; ++i) {
    const auto at = static_cast<size_t>(2 * (i - fitted));
    const double wanted = responses[static_cast<size_t>(2 * i)];
    error += std::pow(depths[0].predictions[at] - wanted, 2);
    noise += std::pow(depths[0].predictions[at + 1] - responses[static_cast<size_t>(2 * i) + 1], 2);
  }
  EXPECT_LE(error / 40, 0.5);  // of a variance of 11
  EXPECT_GE(noise / 40, 0.6);
  EXPECT_THROW(predict_by_depth(core, *source, known, 8, nobody), Error);
  const Model other(student_architecture({3, 3, 3, 3, 3}, {.height = 16, .width = 16}), 1);
  EXPECT_THROW(predict_by_depth(other, *source, known, fitted, nobody), Error);
}

}  // namespace
}  // namespace secateur
