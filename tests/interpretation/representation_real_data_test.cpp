// The figures of docs/interpretation.md, from the published models.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/npy.h"
#include "interpretation/representation/cka.h"
#include "interpretation/representation/consolidation.h"
#include "interpretation/representation/dimension.h"
#include "interpretation/representation/jacobian_spread.h"
#include "interpretation/representation/kernel_dictionary.h"
#include "interpretation/representation/kernel_match.h"
#include "interpretation/representation/layer_patterns.h"
#include "interpretation/representation/measured_rdms.h"
#include "interpretation/representation/rdm_comparison.h"
#include "model_files/model_files.h"
#include "tests/shared_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class PublishedRepresentations : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(folder()) || !fs::exists(reference())) {
      GTEST_SKIP() << "no published models in " << folder() << " or no reference values in "
                   << reference();
    }
  }

  static fs::path folder() { return shared() / "v4/compact_models"; }
  static fs::path reference() { return shared() / "reference"; }

  static Model compact(const std::string& session, int neuron) {
    return read_model(folder() / fmt::format("compact_model_{}_neuron{}.keras", session, neuron));
  }

  static std::vector<Model> all_models() {
    std::vector<Model> models;
    for (int i = 0; i < 33; ++i) models.push_back(compact("190923", i));
    for (int i = 0; i < 89; ++i) models.push_back(compact("201025", i));
    return models;
  }

  // The first images of session 201025, [count, 3, 112, 112].
  static Tensor first_pixels(int64_t count) {
    const Tensor bytes = read_npy_tensor(reference() / "pixels_201025_first50.npy");
    Tensor pixels(Shape{count, 3, 112, 112});
    constexpr int64_t kPlane = 112 * 112;
    for (int64_t k = 0; k < count * kPlane * 3; ++k) {
      const int64_t image = k / (3 * kPlane), channel = k / kPlane % 3, place = k % kPlane;
      pixels[k] = bytes[(image * kPlane + place) * 3 + channel];
    }
    return pixels;
  }
};

// Activations of an independent implementation: [2, h, w, filters] behind the ReLU of each layer.
TEST_F(PublishedRepresentations, LayerPatternsAreThoseOfTheReference) {
  const std::vector<LayerPatterns> layers = layer_patterns(compact("201025", 2), first_pixels(2));
  ASSERT_EQ(layers.size(), 6u);
  for (size_t l = 0; l < 5; ++l) {
    const Tensor wanted =
        read_npy_tensor(reference() / fmt::format("activations_201025_neuron2_layer{}_act.npy", l));
    const Tensor& found = layers[l + 1].patterns;
    ASSERT_EQ(found.numel(), wanted.numel());
    const int64_t filters = wanted.dim(3), places = wanted.dim(1) * wanted.dim(2);
    double worst = 0;
    double largest = 0;
    for (int64_t k = 0; k < wanted.numel(); ++k) {
      const int64_t image = k / (places * filters), place = k / filters % places;
      const double there = found[(image * filters + k % filters) * places + place];
      worst = std::max(worst, std::abs(there - wanted[k]));
      largest = std::max(largest, std::abs(double{wanted[k]}));
    }
    EXPECT_LE(worst, 2e-5 * largest) << l;
  }
}

TEST_F(PublishedRepresentations, ConsolidateAsPublished) {
  std::vector<Architecture> architectures;
  for (const Model& model : all_models()) architectures.push_back(model.architecture());
  const Consolidation found = consolidation(architectures);
  ASSERT_EQ(found.layers.size(), 5u);
  std::vector<double> medians;
  for (const LayerFilters& layer : found.layers) medians.push_back(layer.quantiles[2]);
  EXPECT_EQ(medians, (std::vector<double>{48, 57, 3, 7, 3}));
  EXPECT_EQ(found.layers[2].at_least, 81);
  EXPECT_EQ(found.layers[4].at_least, 80);
  EXPECT_EQ(found.quantiles[2], 118.5);
  EXPECT_NEAR(found.narrowing[1], 0.068, 0.0005);
}

TEST_F(PublishedRepresentations, OfTwoNeuronsAreWhatThePageSays) {
  Observer nobody;
  const Tensor pixels = first_pixels(50);
  const auto dots = layer_grams(compact("201025", 2), pixels, kHeldPatternBytes, nobody);
  const auto other = layer_grams(compact("201025", 33), pixels, kHeldPatternBytes, nobody);
  const Model untrained(compact("201025", 33).architecture(), 1);
  const auto chance = layer_grams(untrained, pixels, kHeldPatternBytes, nobody);
  EXPECT_NEAR(linear_cka(dots[0].gram, other[0].gram), 1, 1e-9);
  const double plain[] = {0.953, 0.981, 0.859, 0.719, 0.494};
  const double debiased[] = {0.890, 0.838, 0.276, 0.248, 0.061};
  const double by_untrained[] = {0.829, 0.639, 0.297, 0.246, 0.462};
  const double spearman[] = {0.877, 0.857, 0.134, 0.124, 0.088};
  const double ratio[] = {35.5, 38.2, 32.8, 22.0, 19.3};
  for (size_t l = 0; l < 5; ++l) {
    const GramMatrix& a = dots[l + 1].gram;
    const GramMatrix& b = other[l + 1].gram;
    EXPECT_NEAR(linear_cka(a, b), plain[l], 0.0006) << l;
    EXPECT_NEAR(debiased_cka(a, b), debiased[l], 0.0006) << l;
    EXPECT_NEAR(debiased_cka(a, chance[l + 1].gram), by_untrained[l], 0.0006) << l;
    EXPECT_NEAR(rdm_similarity(correlation_rdm(a), correlation_rdm(b), RdmMeasure::kSpearman),
                spearman[l], 0.0006)
        << l;
    EXPECT_NEAR(participation_ratio(a).of_images, ratio[l], 0.06) << l;
  }
}

TEST_F(PublishedRepresentations, NonlinearityIsWhatThePageSays) {
  Observer nobody;
  const auto layers =
      layer_nonlinearity(PixelResponse(compact("201025", 2)), first_pixels(10), 1, nobody);
  const double behind[] = {0.946, 0.924, 0.872, 0.714, 0.740, 0};
  for (size_t l = 0; l < layers.size(); ++l) {
    EXPECT_NEAR(layers[l].behind.relative, behind[l], 0.0006) << l;
  }
  // Behind the last layer there is the readout alone.
  EXPECT_EQ(layers.back().behind.jne, 0);
}

TEST_F(PublishedRepresentations, KernelsAreWhatThePageSays) {
  const Model dots = compact("201025", 2), other = compact("201025", 33);
  const double similarity[] = {0.568, 0.916, 0.828, 0.552, 0.609};
  const double chance[] = {0.424, 0.480, 0.562, 0.475, 0.505};
  for (size_t l = 0; l < 5; ++l) {
    const KernelMatch match = match_kernels(layer_kernels(dots, l), layer_kernels(other, l), 1);
    EXPECT_NEAR(match.similarity, similarity[l], 0.0006) << l;
    EXPECT_NEAR(match.chance, chance[l], 0.0006) << l;
  }
  const KernelTable table = kernel_table(all_models(), 1);
  EXPECT_EQ(table.items.items, 5822);
  Observer nobody;
  const KernelDictionary dictionary = kernel_dictionary(table, 12, 1, nobody);
  EXPECT_NEAR(dictionary.parts.explained, 0.996, 0.0006);
}

// Images as a model reads them, [n, 3, 112, 112].
Tensor pixels_at(const ImageSource& images, const std::vector<int64_t>& places) {
  constexpr int64_t kPlane = 112 * 112;
  Tensor pixels(Shape{static_cast<int64_t>(places.size()), 3, 112, 112});
  std::vector<uint8_t> rgb(static_cast<size_t>(3 * kPlane));
  for (size_t i = 0; i < places.size(); ++i) {
    images.read(places[i], rgb);
    float* const to = pixels.rows(static_cast<int64_t>(i), static_cast<int64_t>(i) + 1).data();
    for (int64_t k = 0; k < 3 * kPlane; ++k)
      to[k % 3 * kPlane + k / 3] = rgb[static_cast<size_t>(k)];
  }
  return pixels;
}

double mean_similarity_to(const std::vector<Rdm>& parts, const GramMatrix& layer,
                          RdmMeasure measure) {
  double sum = 0;
  for (const Rdm& part : parts) sum += rdm_similarity(correlation_rdm(layer), part, measure);
  return sum / static_cast<double>(parts.size());
}

TEST(RepresentationOf210325, IsWhatThePageSays) {
  const fs::path root = shared() / "v4";
  const fs::path file =
      root / "shared_compact_models/from_ensemble_model/shared_compact_model_50filters.keras";
  if (!fs::exists(root / "responses_raw/responses_210325.npy") || !fs::exists(file)) {
    GTEST_SKIP() << "no recording or no shared compact model in " << root;
  }
  const Recording recording = load_recording(root, "210325");
  const int64_t second_half = recording.images / 2;
  const MeasuredRdms measured =
      measured_rdms(population_trials(recording), second_half, second_half + 100, 3, 1);
  ASSERT_EQ(measured.images.size(), 100u);
  const RdmCeiling spearman = rdm_noise_ceiling(measured.parts, RdmMeasure::kSpearman);
  const RdmCeiling whitened = rdm_noise_ceiling(measured.parts, RdmMeasure::kWhitenedCosine);
  EXPECT_NEAR(spearman.lower, 0.594, 0.0006);
  EXPECT_NEAR(spearman.upper, 0.823, 0.0006);
  EXPECT_NEAR(whitened.lower, 0.720, 0.0006);
  EXPECT_NEAR(whitened.upper, 0.877, 0.0006);
  const Tensor pixels = pixels_at(*recording.image_source, measured.images);
  const Model model = read_model(file);
  Observer nobody;
  const auto layers = layer_grams(model, pixels, kHeldPatternBytes, nobody);
  const auto untrained =
      layer_grams(Model(model.architecture(), 1), pixels, kHeldPatternBytes, nobody);
  // Spearman of the layer, of the untrained one; the same of the whitened cosine.
  const double wanted[][4] = {{0.106, 0.106, 0.309, 0.309}, {0.107, 0.177, 0.527, 0.381},
                              {0.095, 0.138, 0.540, 0.374}, {0.197, 0.147, 0.572, 0.397},
                              {0.247, 0.135, 0.591, 0.359}, {0.253, 0.132, 0.597, 0.374}};
  for (size_t l = 0; l < layers.size(); ++l) {
    const GramMatrix& a = layers[l].gram;
    const GramMatrix& b = untrained[l].gram;
    const auto& parts = measured.parts;
    EXPECT_NEAR(mean_similarity_to(parts, a, RdmMeasure::kSpearman), wanted[l][0], 0.0006) << l;
    EXPECT_NEAR(mean_similarity_to(parts, b, RdmMeasure::kSpearman), wanted[l][1], 0.0006) << l;
    EXPECT_NEAR(mean_similarity_to(parts, a, RdmMeasure::kWhitenedCosine), wanted[l][2], 0.0006);
    EXPECT_NEAR(mean_similarity_to(parts, b, RdmMeasure::kWhitenedCosine), wanted[l][3], 0.0006);
  }
}

}  // namespace
}  // namespace secateur
