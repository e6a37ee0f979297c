#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "data/simulated/neurons.h"
#include "data/simulated/stimulus_images.h"
#include "interpretation/planted_groups.h"
#include "interpretation/planted_groups_tables.h"
#include "model_files/model_files.h"

namespace secateur {
namespace {

// Stimuli that no stage of the demo shows to a network.
constexpr int64_t kFirstUnseen = 20000;
constexpr int64_t kUnseenImages = 300;

Model demo_compact_model(const std::filesystem::path& run, std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  return read_model(run / "models" / (name + "_compact.secateur"));
}

// The table of docs/interpretation.md, from a run of `secateur demo`.
TEST(PlantedGroupsOfADemo, StrongestPartsAreAmongTheLargestGroups) {
  const char* const run = std::getenv("SECATEUR_DEMO_RUN");
  if (run == nullptr) GTEST_SKIP() << "SECATEUR_DEMO_RUN does not name a run of the demo";
  const auto images = simulated::stimulus_images(1, kFirstUnseen, kUnseenImages, 64);
  Observer nobody;
  for (const size_t layer : {size_t{1}, size_t{2}}) {
    int among_largest = 0, above_chance = 0;
    for (const simulated::NeuronCircuit& circuit : simulated::default_population(64)) {
      const PlantedGroups groups = find_planted_groups(demo_compact_model(run, circuit.name),
                                                       circuit, *images, {.layer = layer}, nobody);
      fmt::print("layer {}, {}: {}\n", layer, circuit.name, planted_groups_text(groups));
      const PlantedPartGroups& strongest = groups.parts[groups.strongest];
      if (strongest.among_largest) ++among_largest;
      if (strongest.among_largest && strongest.above_chance) ++above_chance;
    }
    fmt::print(
        "layer {}: the strongest part among the three largest groups: {} of 8, and above "
        "chance: {} of 8\n",
        layer, among_largest, above_chance);
    EXPECT_GE(among_largest, 6);
    EXPECT_GE(above_chance, 4);
  }
}

}  // namespace
}  // namespace secateur
