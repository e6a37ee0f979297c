#include <gtest/gtest.h>

#include <numeric>

#include "data/recording.h"
#include "interpretation/ablation.h"
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

TEST_F(PublishedCircuit, AblatedResponsesAreThoseOfTheMaskedModel) {
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
      EXPECT_EQ(one.change[i], ablation.intact[i] - double{y[static_cast<int64_t>(i)]});
    }
  }
}

// What docs/interpretation.md says of this model.
TEST_F(PublishedCircuit, FilterOneOfLayerTwoInhibitsAndTheOthersExcite) {
  const LayeredResponse response(read_model(released_example()));
  AblationRuns runs(response, second_half_pixels(100));
  Observer nobody;
  const Ablation ablation =
      ablate(runs, {{2, {0}}, {2, {1}}, {2, {2}}, {3, {0}}, {3, {1}}}, nobody);
  EXPECT_GT(ablation.ablated[0].loss.mean_change, 0.3);
  EXPECT_LT(ablation.ablated[1].loss.mean_change, -1.5);
  EXPECT_GT(ablation.ablated[2].loss.mean_change, 0.7);
  EXPECT_GT(ablation.ablated[1].loss.variance_missing, 0.8);
  EXPECT_GT(ablation.ablated[4].loss.variance_unexplained, 0.6);
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
