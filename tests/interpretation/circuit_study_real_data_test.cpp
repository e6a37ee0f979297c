// Which filters make the published dot detector one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "interpretation/circuit_study.h"
#include "model_files/model_files.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

using testing::HasSubstr;

TEST(PublishedCircuits, SaysWhichFiltersMakeNeuron2Of201025ADotDetector) {
  const auto file = shared() / "v4/compact_models/compact_model_201025_neuron2.keras";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the published compact models are not here";
  Observer nobody;
  const CircuitStudy study = study_circuit(
      read_model(file), 0, {.pixels = stimuli::simulated_pictures({}, 1, 24), .source = "pictures"},
      1, nobody);
  const std::vector<std::string> said = study_sentences(study);
  ASSERT_GE(said.size(), 10u);
  EXPECT_THAT(said[1], HasSubstr("it prefers a dark dot of radius 4 px at (74, 62)"));
  EXPECT_THAT(said[2], HasSubstr("make it prefer that"));
  EXPECT_THAT(said[2], HasSubstr("layer3 filter 4 (54 %)"));
  EXPECT_THAT(said[2], HasSubstr("layer2 filter 0 (74 %)"));
  for (const CircuitPart& part : study.layers.back().parts) {
    EXPECT_NEAR(part.share, part.ablated.share, 1e-3) << part.name;
  }
}

}  // namespace
}  // namespace secateur
