#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "data/simulated/neurons.h"
#include "data/simulated/truth.h"
#include "data/simulated/tuning.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

TEST(SimulatedTruth, SharesHaveThePlantedSign) {
  for (const NeuronCircuit& circuit : uncalibrated_population(64)) {
    const std::vector<PartShare> shares = part_shares(circuit, 64, 21, 120);
    ASSERT_EQ(shares.size(), circuit.parts.size());
    for (size_t p = 0; p < shares.size(); ++p) {
      EXPECT_GT(shares[p].mean_change * sign(circuit.parts[p]), 0) << circuit.parts[p].label;
      EXPECT_GT(shares[p].missing, 0) << circuit.parts[p].label;
      EXPECT_GE(shares[p].unexplained, 0) << circuit.parts[p].label;
      EXPECT_LE(shares[p].unexplained, 1) << circuit.parts[p].label;
    }
  }
}

TEST(SimulatedTruth, SharesOfSimpleCircuitsAreKnown) {
  NeuronCircuit circuit = uncalibrated_population(64)[4];
  circuit.parts.resize(1);
  const PartShare only = part_shares(circuit, 64, 1, 40)[0];
  EXPECT_EQ(only.unexplained, 1);
  EXPECT_LE(std::fabs(only.missing - 1), 1e-9);
  // The same part twice, with weights 3 and 1: without the second, 3/4 of the response are left,
  // in perfect correlation.
  circuit.parts.push_back(circuit.parts[0]);
  circuit.parts[0].weight = 3;
  const PartShare quarter = part_shares(circuit, 64, 1, 40)[1];
  EXPECT_LE(std::fabs(quarter.missing - 1.0 / 16), 1e-9);
  EXPECT_LE(std::fabs(quarter.unexplained), 1e-9);
  EXPECT_THROW(part_shares(circuit, 64, 1, 1), Error);
}

TEST(SimulatedTruth, DotTuningOfTheDotNeuronPeaksAtSmallDarkDots) {
  const NeuronCircuit cell = uncalibrated_population(64)[3];
  const DotTuning dots = dot_tuning(cell, 64);
  EXPECT_LE(dots.contrast, 0);
  ASSERT_EQ(dots.radii.size(), 21u);
  EXPECT_EQ(dots.radii.front(), 2);
  EXPECT_EQ(dots.radii.back(), 22);
  const auto best = std::max_element(dots.by_radius.begin(), dots.by_radius.end());
  EXPECT_LE(best - dots.by_radius.begin(), 2);  // 2 to 4 pixels
  EXPECT_LE(dots.by_radius[10], 0.3 * *best);
  EXPECT_LE(std::hypot(dots.y - cell.centre_y, dots.x - cell.centre_x), 8);
  ASSERT_EQ(dots.by_number.size(), 10u);
  EXPECT_GE(dots.by_number[6], 2 * dots.by_number[0]);
}

TEST(SimulatedTruth, PreferredProbesAreThePlantedOnes) {
  const ProbeKind wanted[] = {ProbeKind::kEdge, ProbeKind::kGrating, ProbeKind::kCorner,
                              ProbeKind::kDots, ProbeKind::kGrating, ProbeKind::kRed,
                              ProbeKind::kEye,  ProbeKind::kEdge};
  const std::vector<NeuronCircuit> circuits = uncalibrated_population(64);
  for (size_t n = 0; n < circuits.size(); ++n) {
    const PreferredProbe best = preferred_probe(circuits[n], 64);
    EXPECT_EQ(name(best.probe.kind), name(wanted[n])) << circuits[n].name;
  }
}

TEST(SimulatedTruth, PlantedFiltersArePatchesOfTheParts) {
  const NeuronCircuit cell = uncalibrated_population(64)[3];
  const std::vector<PlantedFilter> planted = planted_filters(cell);
  ASSERT_EQ(planted.size(), 6u);
  EXPECT_EQ(planted[0].sign, 1);
  EXPECT_EQ(planted[5].sign, -1);
  EXPECT_FALSE(planted[0].both_signs);
  EXPECT_TRUE(planted[5].both_signs);
  EXPECT_TRUE(same_bits(planted[2].patch, filter_patch(cell.parts[2].filter)));
}

TEST(SimulatedTruth, WritesWhatIsKnown) {
  const std::vector<NeuronCircuit> circuits = uncalibrated_population(32);
  const nlohmann::json whole =
      truth(std::span(circuits).subspan(7, 1), 32, {.seed = 2, .stimuli = 20});
  ASSERT_EQ(whole["neurons"].size(), 1u);
  const nlohmann::json& cell = whole["neurons"][0];
  EXPECT_EQ(cell["name"], "surround suppressed");
  ASSERT_EQ(cell["parts"].size(), 3u);
  EXPECT_EQ(cell["parts"][1]["sign"], -1);
  EXPECT_EQ(cell["parts"][1]["role"], "divisive");
  EXPECT_EQ(cell["parts"][0]["filter"]["kind"], "gabor");
  EXPECT_TRUE(cell["receptive_field"].contains("surround_sigma"));
  EXPECT_EQ(cell["dot_tuning"]["radii"].size(), 21u);
  EXPECT_TRUE(cell["preferred"].contains("kind"));
  // Computed together with others, a neuron is the same.
  EXPECT_EQ(truth(circuits, 32, {.seed = 2, .stimuli = 20})["neurons"][7], cell);
}

}  // namespace
}  // namespace secateur::simulated
