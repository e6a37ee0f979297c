#include "analysis/shared_variability.h"

#include <gtest/gtest.h>

#include "tensor/parallel.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

constexpr BootstrapOptions kQuick{.resamples = 200};

SharedVariability shared_of(const SimulatedPopulation& kind, uint64_t seed) {
  return shared_variability(population_trials(simulated_population(kind, seed)), kind.images, 1,
                            kQuick);
}

// Three factors of 0.25 of the noise; the signal, much stronger, must not count.
TEST(SharedVariability, FindsTheFactorsOfTheNoise) {
  const SimulatedPopulation kind{.neurons = 18,
                                 .images = 240,
                                 .repeats = 5,
                                 .signal = blocks_of(18, 2, 3.0),
                                 .shared = blocks_of(18, 3, 0.5),
                                 .own = std::sqrt(0.75)};
  const SharedVariability found = shared_of(kind, 2);
  ASSERT_EQ(found.why_not, "");
  EXPECT_EQ(found.factors, 3);
  EXPECT_EQ(found.dimensions, 3);
  EXPECT_NEAR(found.shared_share, 0.25, 0.03);
  EXPECT_EQ(found.fitting_trials, 600);
  EXPECT_EQ(found.scoring_trials, 600);
  // From the five others of its factor: c^T C^-1 c with c = 0.25 and C = 0.75 I + 0.25.
  const double explained = 0.25 * 0.25 * 5 / (0.75 + 5 * 0.25);
  EXPECT_NEAR(found.explained, explained, 0.03);
  ASSERT_TRUE(found.explained_interval);
  EXPECT_LE(found.explained_interval->low, explained);
  EXPECT_GE(found.explained_interval->high, explained);
  // -1/2 log det of a factor's block, which is 0.75^5 (0.75 + 6 * 0.25); three of them.
  EXPECT_NEAR(found.gain, -1.5 * (5 * std::log(0.75) + std::log(2.25)), 0.12);
  EXPECT_GT(found.gain_interval->low, 0);
}

TEST(SharedVariability, IsNotFoundWhereThereIsNone) {
  const SimulatedPopulation kind{
      .neurons = 12, .images = 200, .repeats = 4, .signal = blocks_of(12, 2, 2.0)};
  const SharedVariability found = shared_of(kind, 3);
  EXPECT_EQ(found.factors, 0);
  EXPECT_EQ(found.explained, 0);
  EXPECT_EQ(found.gain, 0);
  EXPECT_EQ(found.shared_share, 0);
}

// A neuron that repeats itself exactly has no residual; two neurons have no factor.
TEST(SharedVariability, LeavesSilentNeuronsOut) {
  Recording recording = simulated_population(
      {.neurons = 7, .images = 60, .repeats = 3, .shared = blocks_of(7, 1, 0.6)}, 4);
  for (int64_t i = 0; i < 60; ++i) {
    for (int64_t r = 0; r < 3; ++r) {
      recording.trials[static_cast<size_t>((2 * 60 + i) * 3 + r)] = static_cast<double>(i);
    }
  }
  const SharedVariability found = shared_variability(population_trials(recording), 60, 1, kQuick);
  EXPECT_EQ(found.silent_neurons, 1);
  EXPECT_EQ(found.neurons, 6);
  EXPECT_EQ(found.explained_of.size(), 6u);

  const SharedVariability two = shared_of({.neurons = 2, .images = 60, .repeats = 3}, 5);
  EXPECT_NE(two.why_not.find("at least 3 neurons"), std::string::npos);
}

TEST(SharedVariability, HasTheSameBitsOnAnyNumberOfThreads) {
  const SimulatedPopulation kind{
      .neurons = 8, .images = 40, .repeats = 3, .shared = blocks_of(8, 2, 0.6)};
  set_thread_budget(1);
  const SharedVariability one = shared_of(kind, 6);
  set_thread_budget(3);
  const SharedVariability three = shared_of(kind, 6);
  set_thread_budget(0);
  EXPECT_EQ(one.gain_by_factors, three.gain_by_factors);
  EXPECT_EQ(one.explained_interval, three.explained_interval);
}

}  // namespace
}  // namespace secateur
