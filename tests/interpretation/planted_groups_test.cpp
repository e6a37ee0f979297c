#include "interpretation/planted_groups.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/simulated/neurons.h"
#include "data/simulated/stimulus_images.h"
#include "interpretation/planted_groups_tables.h"
#include "tests/interpretation/small_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr int kPlantedSize = 32;
constexpr int64_t kPlantedImages = 60;

// One vertical grating filter, 5 x 5, pooled.
simulated::NeuronCircuit one_part() {
  simulated::NeuronCircuit circuit;
  circuit.name = "grating";
  circuit.centre_y = circuit.centre_x = (kPlantedSize - 1) / 2.0;
  circuit.pooling_sigma = 4;
  simulated::Part part;
  part.label = "grating";
  part.filter.kind = simulated::FilterKind::kGabor;
  part.filter.side = 5;
  part.filter.wavelength = 4;
  part.filter.phase = 90;
  part.filter.sigma = 1.25;
  circuit.parts = {part};
  return circuit;
}

// Filters 0 and 1 of layer 1 share the planted filter (half of it each), filter 2 is noise with a
// smaller weight. The readout pools as the circuit does.
Model model_of(const simulated::NeuronCircuit& circuit, float share, float noise) {
  Architecture architecture;
  architecture.input = small_input(kPlantedSize);
  architecture.blocks = {
      {.kind = BlockKind::kConv, .name = "layer0", .filters = 3, .norm = Norm::kNone},
      {.kind = BlockKind::kSeparable, .name = "layer1", .filters = 3, .norm = Norm::kNone}};
  Model model(architecture, 4);
  const Tensor patch = simulated::planted_filters(circuit)[0].patch;
  Tensor& kernel = model.tensor("layer0.conv.weight");
  std::copy_n(patch.data(), 75, kernel.data());
  std::copy_n(patch.data(), 75, kernel.data() + 75);
  Rng rng(1, "test/planted", 0);
  for (int64_t k = 150; k < 225; ++k) kernel[k] = static_cast<float>(rng.normal()) / 20;
  model.tensor("layer1.depthwise.weight").fill(0);
  model.tensor("layer1.pointwise.weight").fill(0);
  for (int64_t f = 0; f < 3; ++f) {
    model.tensor("layer1.depthwise.weight")[f * 25 + 12] = 1;
    model.tensor("layer1.pointwise.weight")[f * 3 + f] = f < 2 ? share : noise;
    for (int64_t p = 0; p < kPlantedSize * kPlantedSize; ++p) {
      const double dy = double(p / kPlantedSize) - circuit.centre_y;
      const double dx = double(p % kPlantedSize) - circuit.centre_x;
      model.tensor("readout.weight")[f * kPlantedSize * kPlantedSize + p] =
          static_cast<float>(std::exp(-(dy * dy + dx * dx) / 32));
    }
  }
  return model;
}

PlantedGroups groups_of(const Model& model) {
  Observer nobody;
  return find_planted_groups(model, one_part(),
                             *simulated::stimulus_images(3, 0, kPlantedImages, kPlantedSize),
                             {.layer = 1}, nobody);
}

TEST(PlantedGroups, OfFiltersThatShareAPartAreFoundAboveChance) {
  const PlantedGroups found = groups_of(model_of(one_part(), 0.5f, 0.2f));
  ASSERT_EQ(found.parts.size(), 1u);
  const PlantedPartGroups& part = found.parts[0];
  EXPECT_EQ(found.groups[part.ablation.group].set.filters, (std::vector<int64_t>{0, 1}));
  EXPECT_GT(part.ablation.correlation, 0.99);
  EXPECT_GT(part.patching.correlation, 0.99);
  EXPECT_LT(part.ablation.chance, 0.99);
  EXPECT_TRUE(part.among_largest);
  EXPECT_TRUE(part.above_chance);
  EXPECT_EQ(part.unexplained, 1);
}

TEST(PlantedGroups, OfAModelWithoutThePartAreNotAboveChance) {
  const PlantedGroups found = groups_of(model_of(one_part(), 0.0f, 1.0f));
  EXPECT_FALSE(found.parts[0].above_chance);
}

TEST(PlantedGroups, OfAModelThatTurnsThePartOverAreNotAmongTheLargest) {
  const PlantedGroups found = groups_of(model_of(one_part(), 0.5f, 0.0f));
  Model turned = model_of(one_part(), 0.5f, 0.0f);
  for (float& v : turned.tensor("readout.weight").values()) v = -v;
  EXPECT_TRUE(found.parts[0].among_largest);
  EXPECT_FALSE(groups_of(turned).parts[0].among_largest);
}

TEST(PlantedGroups, AreWrittenAsJsonAndText) {
  const PlantedGroups found = groups_of(model_of(one_part(), 0.5f, 0.2f));
  const nlohmann::json j = found;
  EXPECT_EQ(j["strongest"], "grating");
  EXPECT_EQ(j["parts"][0]["ablation"]["group"], found.parts[0].ablation.group);
  EXPECT_EQ(j["groups"].size(), found.groups.size());
  EXPECT_NE(planted_groups_text(found).find("* grating"), std::string::npos);
}

}  // namespace
}  // namespace secateur
