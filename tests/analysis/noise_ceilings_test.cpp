#include "analysis/noise_ceilings.h"

#include <gtest/gtest.h>

#include "analysis/resampling.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

TEST(NoiseCeilings, AreSummarised) {
  std::vector<NeuronQuality> neurons(7);
  for (size_t i = 0; i < 5; ++i) {
    neurons[i].noise_ceiling = 0.1 * static_cast<double>(i + 1);
    neurons[i].snr = i == 0 ? 0.1 : 1;
    neurons[i].reliability = 0.5;
  }
  neurons[6].constant = true;
  const NoiseCeilings found = noise_ceilings(neurons, 1);
  EXPECT_EQ(found.neurons, 7);
  EXPECT_EQ(found.with_ceiling, 5);
  EXPECT_EQ(found.constant, 1);
  EXPECT_EQ(found.low_snr, 1);
  EXPECT_NEAR((*found.ceiling)[0], 0.1, 1e-15);
  EXPECT_NEAR((*found.ceiling)[2], 0.3, 1e-15);
  EXPECT_NEAR((*found.ceiling)[4], 0.5, 1e-15);
  EXPECT_NEAR((*found.reliability)[2], 0.5, 1e-15);
  EXPECT_LT(found.median_interval->low, 0.3);
  EXPECT_GT(found.median_interval->high, 0.3);
  EXPECT_FALSE(noise_ceilings({}, 1).ceiling);
}

// Signal 1 and noise 1 of a trial, four of them averaged.
TEST(NoiseCeilings, OfSimulatedNeuronsAreKnown) {
  const Recording recording = simulated_population(
      {.neurons = 20, .images = 300, .repeats = 4, .signal = blocks_of(20, 20, 1.0)}, 2);
  const NoiseCeilings found = noise_ceilings(quality_of(recording, 1), 1);
  EXPECT_NEAR((*found.ceiling)[2], 1 / (1 + 0.25), 0.02);
}

// Of the mean of normal values: about 2 x 1.96 / sqrt(n) wide.
TEST(Resampling, HasTheWidthOfTheStandardError) {
  Rng rng(1, "test/resampling", 0);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(rng.normal());
  const auto interval = mean_interval(values, 1);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->high - interval->low, 2 * 1.96 / 20, 0.02);
  EXPECT_FALSE(mean_interval(std::vector<double>{1}, 1));
  // That of the median is sqrt(pi / 2) times as wide.
  const auto median = median_interval(values, 1);
  ASSERT_TRUE(median);
  EXPECT_NEAR(median->high - median->low, 2 * 1.96 * 1.2533 / 20, 0.05);
  EXPECT_LT(median->low, median_of(values));
  EXPECT_GT(median->high, median_of(values));
  EXPECT_FALSE(resampled_interval(10, 1, [](std::span<const double>) { return std::nan(""); }));
}

}  // namespace
}  // namespace secateur
