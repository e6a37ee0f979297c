#include "analysis/signal_dimension.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

constexpr BootstrapOptions kFewResamples{.resamples = 200};

// Five dimensions of the same variance, below the noise of a trial; the noise of trials has two
// strong dimensions of its own.
SimulatedPopulation five_dimensions() {
  return {.neurons = 20,
          .images = 300,
          .repeats = 6,
          .signal = blocks_of(20, 5, 0.7),
          .shared = blocks_of(20, 2, 0.6),
          .own = 0.8};
}

TEST(SignalDimension, CountsTheDimensionsThatTheImagesMove) {
  const PopulationTrials trials = population_trials(simulated_population(five_dimensions(), 3));
  ASSERT_EQ(trials.why_not, "");
  const SignalDimension found = signal_dimension(trials, 1, kFewResamples);
  // Signal 0.49 of 0.49 + 0.36 + 0.64.
  EXPECT_NEAR(found.signal_share, 0.49 / 1.49, 0.03);
  ASSERT_TRUE(found.signal_share_interval);
  EXPECT_LE(found.signal_share_interval->low, 0.49 / 1.49);
  EXPECT_GE(found.signal_share_interval->high, 0.49 / 1.49);
  EXPECT_GE(found.reliable, 5);
  EXPECT_LE(found.reliable, 6);
  EXPECT_EQ(found.most_signal, 5);
  ASSERT_TRUE(found.participation && found.participation_interval);
  EXPECT_NEAR(*found.participation, 5, 0.3);
  EXPECT_LE(found.participation_interval->low, 5);
  EXPECT_GE(found.participation_interval->high, 5);
  // Noise makes more of it: its estimate has no place for the truth.
  EXPECT_GT(found.participation_of_means, 6);
  // Each dimension holds four neurons' signal.
  EXPECT_NEAR(found.spectrum[0], 4 * 0.49 / 1.49, 0.35);
  EXPECT_NEAR(found.spectrum[7], 0, 0.03);
}

TEST(SignalDimension, IsNothingWhereImagesMoveNothing) {
  SimulatedPopulation kind = five_dimensions();
  kind.signal.clear();
  const SignalDimension found =
      signal_dimension(population_trials(simulated_population(kind, 4)), 1, kFewResamples);
  EXPECT_NEAR(found.signal_share, 0, 0.01);
  EXPECT_LE(found.signal_share_interval->low, 0);
  EXPECT_LE(found.reliable, 1);
}

// Of one dimension, whatever the noise; and the participation ratio of unequal ones.
TEST(SignalDimension, ParticipationFollowsTheFormula) {
  SimulatedPopulation kind = five_dimensions();
  kind.signal = blocks_of(20, 1, 0.7);
  EXPECT_NEAR(*signal_dimension(population_trials(simulated_population(kind, 5)), 1, kFewResamples)
                   .participation,
              1, 0.05);
  // Loadings 1 and 0.5 in turn, no other noise: variances of the scaled neurons 1/(1 + own^2) and
  // 0.25/(0.25 + own^2), ten neurons each.
  kind.signal = blocks_of(20, 2, 1);
  for (size_t n = 1; n < 20; n += 2) kind.signal[n * 2 + 1] = 0.5;
  kind.shared.clear();
  kind.own = 1;
  const double a = 10 * 1 / 2.0, b = 10 * 0.25 / 1.25;
  EXPECT_NEAR(*signal_dimension(population_trials(simulated_population(kind, 6)), 1, kFewResamples)
                   .participation,
              (a + b) * (a + b) / (a * a + b * b), 0.08);
}

// Few images make a population look lower-dimensional: not here, on average over recordings.
TEST(SignalDimension, ParticipationDoesNotDependOnTheNumberOfImages) {
  SimulatedPopulation kind = five_dimensions();
  kind.images = 24;
  double sum = 0;
  constexpr uint64_t kRecordings = 40;
  for (uint64_t seed = 0; seed < kRecordings; ++seed) {
    const SignalDimension found = signal_dimension(
        population_trials(simulated_population(kind, 100 + seed)), 1, {.resamples = 2});
    ASSERT_TRUE(found.participation);
    sum += *found.participation / kRecordings;
  }
  EXPECT_NEAR(sum, 5, 0.3);
}

TEST(SignalDimension, HasTheSameBitsOnAnyNumberOfThreads) {
  SimulatedPopulation kind = five_dimensions();
  kind.images = 60;
  const PopulationTrials trials = population_trials(simulated_population(kind, 7));
  set_thread_budget(1);
  const SignalDimension one = signal_dimension(trials, 1, kFewResamples);
  set_thread_budget(3);
  const SignalDimension three = signal_dimension(trials, 1, kFewResamples);
  set_thread_budget(0);
  EXPECT_EQ(one.spectrum, three.spectrum);
  EXPECT_EQ(one.participation, three.participation);
  EXPECT_EQ(one.participation_interval, three.participation_interval);
}

TEST(PopulationTrials, CountsWhatIsLeftOut) {
  Recording recording = simulated_population({.neurons = 6, .images = 30, .repeats = 3}, 1);
  const auto at = [&](int64_t n, int64_t i, int64_t r) -> double& {
    return recording.trials[static_cast<size_t>((n * 30 + i) * 3 + r)];
  };
  for (int64_t i = 0; i < 30; ++i) {
    for (int64_t r = 0; r < 3; ++r) at(1, i, r) = 2;  // constant
  }
  for (int64_t i = 0; i < 30; ++i) {
    for (int64_t r = 0; r < 1; ++r) at(2, i, r) = NAN;  // a third is missing
  }
  at(3, 7, 0) = NAN;                                                // one incomplete trial
  for (int64_t n = 0; n < 6; ++n) at(n, 9, 1) = at(n, 9, 2) = NAN;  // an image shown once
  const PopulationTrials trials = population_trials(recording);
  EXPECT_EQ(trials.why_not, "");
  EXPECT_EQ(trials.neurons, (std::vector<int64_t>{0, 3, 4, 5}));
  EXPECT_EQ(trials.constant_neurons, 1);
  EXPECT_EQ(trials.missing_neurons, 1);
  EXPECT_EQ(trials.dropped_trials, 1);
  EXPECT_EQ(trials.dropped_images, 1);
  EXPECT_EQ(trials.images.size(), 29u);
  EXPECT_EQ(trials.values.size(), (29u * 3 - 1) * 4);
  EXPECT_EQ(trials.trial(0)[1], at(3, 0, 0));
}

TEST(PopulationTrials, SaysWhyNot) {
  Recording averages = simulated_population({.neurons = 6, .images = 30, .repeats = 3}, 1);
  averages.trials.clear();
  averages.repeats = 0;
  EXPECT_NE(population_trials(averages).why_not.find("no image has repeats"), std::string::npos);
  EXPECT_THROW(signal_dimension(population_trials(averages), 1), Error);
  EXPECT_NE(population_trials(simulated_population({.neurons = 1, .images = 30, .repeats = 3}, 1))
                .why_not.find("at least 2 neurons"),
            std::string::npos);
  EXPECT_NE(population_trials(simulated_population({.neurons = 4, .images = 19, .repeats = 3}, 1))
                .why_not.find("at least 20 images"),
            std::string::npos);
}

}  // namespace
}  // namespace secateur
