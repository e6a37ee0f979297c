// The table of docs/population.md, from the published single trials.

#include <gtest/gtest.h>

#include "analysis/shared_variability.h"
#include "analysis/signal_dimension.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

TEST(PopulationOf210325, IsWhatThePageSays) {
  const std::filesystem::path root = shared() / "v4";
  if (!std::filesystem::exists(root / "responses_raw/responses_210325.npy")) {
    GTEST_SKIP() << "no recordings in " << root;
  }
  const Recording recording = load_recording(root, "210325");
  const PopulationTrials trials = population_trials(recording);
  EXPECT_EQ(trials.neurons.size(), 50u);
  EXPECT_EQ(trials.images.size(), 640u);
  EXPECT_EQ(trials.values.size(), 4840u * 50);
  const BootstrapOptions few{.resamples = 100};
  const SignalDimension dimension = signal_dimension(trials, 1, few);
  EXPECT_NEAR(dimension.signal_share, 0.314, 0.0005);
  EXPECT_EQ(dimension.most_signal, 29);
  EXPECT_NEAR(*dimension.participation, 15.6, 0.05);
  EXPECT_NEAR(dimension.participation_of_means, 20.4, 0.05);
  const SharedVariability found = shared_variability(trials, recording.images, 1, few);
  EXPECT_EQ(found.factors, 4);
  EXPECT_NEAR(found.gain, 0.588, 0.0005);
  EXPECT_NEAR(found.explained, 0.035, 0.0005);
  EXPECT_NEAR(found.shared_share, 0.079, 0.0005);
}

}  // namespace
}  // namespace secateur
