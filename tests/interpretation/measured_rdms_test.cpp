#include "interpretation/representation/measured_rdms.h"

#include <gtest/gtest.h>

#include "interpretation/representation/rdm_comparison.h"
#include "tensor/error.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

SimulatedPopulation thirty_images() {
  return {.neurons = 40,
          .images = 30,
          .repeats = 6,
          .signal = blocks_of(40, 5, 1),
          .shared = {},
          .own = 1};
}

PopulationTrials trials_of(const SimulatedPopulation& kind) {
  return population_trials(simulated_population(kind, 1));
}

double likeness(const Rdm& a, const Rdm& b) { return rdm_similarity(a, b, RdmMeasure::kSpearman); }

// All trials have a part, so the RDM of the whole is nearer to each part than the parts are.
TEST(MeasuredRdms, AreOfSharesOfTheRepeats) {
  const MeasuredRdms found = measured_rdms(trials_of(thirty_images()), 0, 30, 3, 1);
  ASSERT_EQ(found.parts.size(), 3u);
  EXPECT_EQ(found.images.size(), 30u);
  EXPECT_EQ(found.whole.images, 30);
  for (size_t p = 0; p < 3; ++p) {
    EXPECT_GE(likeness(found.parts[p], found.whole),
              likeness(found.parts[p], found.parts[(p + 1) % 3]) + 0.02);
    EXPECT_GE(likeness(found.parts[p], found.parts[(p + 1) % 3]), 0.6);
  }
  const RdmCeiling ceiling = rdm_noise_ceiling(found.parts, RdmMeasure::kSpearman);
  EXPECT_LE(ceiling.lower, ceiling.upper);
  EXPECT_GE(ceiling.lower, 0.6);
}

// Parts of one trial each share no noise: without a signal they share nothing.
TEST(MeasuredRdms, ShareNothingWhereImagesMoveNothing) {
  SimulatedPopulation kind = thirty_images();
  kind.signal.clear();
  const MeasuredRdms found = measured_rdms(trials_of(kind), 0, 30, 6, 1);
  EXPECT_NEAR(rdm_noise_ceiling(found.parts, RdmMeasure::kSpearman).lower, 0, 0.05);
}

// Without noise every part is the whole, whatever the rate and the gain of a neuron.
TEST(MeasuredRdms, OfRepeatsThatAgreeAreAllTheSame) {
  Recording recording = simulated_population(thirty_images(), 1);
  for (int64_t n = 0; n < 40; ++n) {
    for (int64_t i = 0; i < 30; ++i) {
      for (int64_t r = 0; r < 6; ++r) {
        recording.trials[static_cast<size_t>((n * 30 + i) * 6 + r)] = recording.mean_at(n, i);
      }
    }
  }
  const MeasuredRdms found = measured_rdms(population_trials(recording), 0, 30, 2, 1);
  Recording scaled = recording;
  for (size_t k = 0; k < scaled.trials.size(); ++k) {
    const auto neuron = static_cast<double>(k / 180);
    scaled.trials[k] = (1 + neuron) * scaled.trials[k] + neuron;
  }
  const MeasuredRdms other = measured_rdms(population_trials(scaled), 0, 30, 2, 1);
  for (size_t p = 0; p < found.whole.distances.size(); ++p) {
    EXPECT_NEAR(found.parts[0].distances[p], found.whole.distances[p], 1e-5);
    EXPECT_NEAR(found.parts[1].distances[p], found.whole.distances[p], 1e-5);
    EXPECT_NEAR(other.whole.distances[p], found.whole.distances[p], 1e-4);
  }
}

TEST(MeasuredRdms, LeavesOutTheFirstHalfAndImagesOfFewTrials) {
  Recording recording = simulated_population(thirty_images(), 1);
  for (int64_t n = 0; n < 40; ++n) {
    for (int64_t r = 2; r < 6; ++r) {
      recording.trials[static_cast<size_t>((n * 30 + 20) * 6 + r)] = NAN;
    }
  }
  const PopulationTrials trials = population_trials(recording);
  const MeasuredRdms found = measured_rdms(trials, 15, 30, 3, 1);
  EXPECT_EQ(found.images.size(), 14u);
  EXPECT_EQ(found.images.front(), 15);
  EXPECT_EQ(found.whole.images, 14);
  EXPECT_EQ(measured_rdms(trials, 3, 9, 2, 1).images, (std::vector<int64_t>{3, 4, 5, 6, 7, 8}));
  EXPECT_THROW(measured_rdms(trials, 28, 30, 3, 1), Error);
  EXPECT_THROW(measured_rdms(trials, 0, 30, 7, 1), Error);
  EXPECT_THROW(measured_rdms(trials, 0, 30, 1, 1), Error);
}

}  // namespace
}  // namespace secateur
