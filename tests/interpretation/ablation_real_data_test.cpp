#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "data/recording.h"
#include "interpretation/ablation.h"
#include "interpretation/ablation_tables.h"
#include "interpretation/circuit_tables.h"
#include "interpretation/filter_groups.h"
#include "interpretation/image_pixels.h"
#include "interpretation/model_input.h"
#include "interpretation/patching.h"
#include "model_files/model_files.h"
#include "models/predictor.h"
#include "pruning/removal.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

const std::filesystem::path& released_example() {
  static const auto path =
      shared() / "v4" / "compact_models" / "compact_model_201025_neuron2.keras";
  return path;
}

// The first images of the second half of session 201025.
Tensor second_half_pixels(int64_t count) {
  const Recording recording = load_recording(shared() / "v4", "201025");
  return image_pixels(*recording.image_source, recording.images / 2, count);
}

class PublishedCircuit : public testing::Test {
 protected:
  void SetUp() override {
    if (!exists(released_example())) GTEST_SKIP() << "there is no " << released_example();
  }
};

TEST_F(PublishedCircuit, AblatedResponsesAreThoseOfTheMaskedModelUpToRounding) {
  const Model model = read_model(released_example());
  const LayeredResponse response(model);
  const Tensor pixels = second_half_pixels(2);
  AblationRuns runs(response, pixels);
  Observer nobody;
  const std::vector<FilterSet> sets = {{0, {7}}, {1, {48}}, {2, {1}}, {3, {0}}, {4, {9}}};
  const Ablation ablation = ablate(runs, sets, nobody);
  for (const AblatedFilters& one : ablation.ablated) {
    std::vector<int64_t> kept(static_cast<size_t>(response.filters(one.set.layer)));
    std::iota(kept.begin(), kept.end(), 0);
    kept.erase(kept.begin() + one.set.filters[0]);
    const Predictor predict(mask_filters(model, one.set.layer, kept));
    const Tensor y = predict(without_mean(pixels, model.architecture().input));
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(one.change[i], ablation.intact[i] - double{y[static_cast<int64_t>(i)]}, 1e-5);
      const Tensor image = pixels.rows(static_cast<int64_t>(i), static_cast<int64_t>(i) + 1);
      Tensor signal = response.signals(image)[one.set.layer];
      EXPECT_EQ(response.response_with(one.set, signal, nullptr),
                double{y[static_cast<int64_t>(i)]});
    }
  }
}

// What docs/interpretation.md says of this model; printed, since that page quotes it.
TEST_F(PublishedCircuit, FilterOneOfLayerTwoInhibitsAndTheOthersExcite) {
  const LayeredResponse response(read_model(released_example()));
  const Tensor pixels = second_half_pixels(200);
  AblationRuns runs(response, pixels);
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const Circuit circuit = circuit_of(response, pixels, single, nobody);
  fmt::print("{}", ablation_text(response, single.ablated, 12));
  for (const std::string& sentence : circuit_sentences(circuit)) fmt::print("{}\n", sentence);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    const FilterGroups groups = group_filters(runs, single, layer, {}, nobody);
    fmt::print("{}: {} groups, agreement {:.2f}\n", response.name(layer), groups.groups.size(),
               circuit.agreement[layer].value_or(0));
    for (const auto& sentence : group_sentences(response, groups, circuit.mean_response,
                                                rounding_of(single.intact, single.ablated))) {
      fmt::print("{}\n", sentence);
    }
  }
  const auto loss = [&](size_t layer, int64_t filter) {
    const FilterSet set{layer, {filter}};
    return std::find_if(single.ablated.begin(), single.ablated.end(),
                        [&](const AblatedFilters& one) { return one.set == set; })
        ->loss;
  };
  EXPECT_NEAR(loss(2, 0).mean_change, 0.74, 0.01);
  EXPECT_NEAR(loss(2, 1).mean_change, -2.85, 0.01);
  EXPECT_NEAR(loss(2, 2).mean_change, 1.36, 0.01);
  EXPECT_NEAR(loss(3, 1).variance_unexplained, 0.83, 0.01);
  EXPECT_GT(*circuit.agreement[2], 0.95);
  EXPECT_LT(*circuit.agreement[1], 0.5);
}

TEST_F(PublishedCircuit, PatchingALayerGivesTheOtherResponse) {
  const LayeredResponse response(read_model(released_example()));
  const Tensor pixels = second_half_pixels(4);
  Observer nobody;
  const auto layers = patch_filters(response, {pixels.rows(0, 2), pixels.rows(2, 4)}, nobody);
  for (const LayerPatching& layer : layers) EXPECT_EQ(layer.all.share, 1) << layer.layer;
}

}  // namespace
}  // namespace secateur
