#include "interpretation/representation/model_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "interpretation/representation/cka.h"
#include "interpretation/representation/kernel_match.h"
#include "tensor/error.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr int64_t kSomeImages = 12;

const std::vector<ComparedModel>& three_models() {
  static const std::vector<ComparedModel> models = [] {
    std::vector<ComparedModel> made;
    Observer nobody;
    for (const uint64_t seed : {7, 8, 9}) {
      const Model model = small_student(seed);
      made.push_back({"m" + std::to_string(seed), model,
                      model_layers(model, 0, random_pixels(kSomeImages),
                                   {.jacobian_images = 3, .seed = 2}, nobody)});
    }
    return made;
  }();
  return models;
}

std::vector<ModelGrams> grams_of(const std::vector<ComparedModel>& models) {
  std::vector<ModelGrams> grams;
  for (const ComparedModel& one : models) grams.push_back(one.layers.grams);
  return grams;
}

ModelComparison compared(size_t count) {
  Observer nobody;
  return compare_models(std::span(three_models()).first(count),
                        {.factors = 5, .jacobian_images = 3, .seed = 2}, nobody);
}

TEST(LayerSimilarity, IsThatOfTheFunctionsItIsMadeOf) {
  Observer nobody;
  const std::vector<ModelGrams> grams = grams_of(three_models());
  const std::vector<LayerSimilarity> layers = layer_similarity(grams, nobody);
  ASSERT_EQ(layers.size(), 5u);
  for (size_t l = 0; l < layers.size(); ++l) {
    const GramMatrix& a = grams[0].trained[l + 1].gram;
    const GramMatrix& b = grams[2].trained[l + 1].gram;
    const GramMatrix& random_a = grams[0].untrained[l + 1].gram;
    const GramMatrix& random_b = grams[2].untrained[l + 1].gram;
    EXPECT_EQ(layers[l].name, "layer" + std::to_string(l));
    EXPECT_EQ(layers[l].features[1], grams[1].trained[l + 1].gram.features);
    EXPECT_NEAR(layers[l].cka[2], linear_cka(a, b), 1e-12);
    EXPECT_NEAR(layers[l].debiased[2], debiased_cka(a, b), 1e-12);
    EXPECT_NEAR(layers[l].one_untrained[2],
                0.5 * (debiased_cka(a, random_b) + debiased_cka(random_a, b)), 1e-12);
    EXPECT_NEAR(layers[l].both_untrained[2], debiased_cka(random_a, random_b), 1e-12);
    EXPECT_EQ(layers[l].rdm[2],
              rdm_similarity(correlation_rdm(a), correlation_rdm(b), RdmMeasure::kSpearman));
    EXPECT_EQ(layers[l].topology[2],
              rdm_similarity(geo_topological_quantiles(correlation_rdm(a), 0.25, 0.25),
                             geo_topological_quantiles(correlation_rdm(b), 0.25, 0.25),
                             RdmMeasure::kSpearman));
    for (const auto* matrix : {&layers[l].cka, &layers[l].debiased, &layers[l].rdm}) {
      EXPECT_EQ((*matrix)[4], 1);
      EXPECT_EQ((*matrix)[2], (*matrix)[6]);
    }
  }
}

TEST(LayerSimilarity, OfLayersIsTheMeanOverPairsOfModels) {
  const std::vector<ModelGrams> grams = grams_of(three_models());
  const std::vector<double> layers = similarity_of_layers(grams);
  ASSERT_EQ(layers.size(), 36u);
  double mean = 0;
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      if (a != b) mean += debiased_cka(grams[a].trained[2].gram, grams[b].trained[5].gram) / 6;
    }
  }
  EXPECT_NEAR(layers[2 * 6 + 5], mean, 1e-12);
  EXPECT_NEAR(layers[0], 1, 1e-9);  // the pixels are the same
  const std::vector<double> alone = similarity_of_layers(std::span(grams).first(1));
  EXPECT_NEAR(alone[1 * 6 + 3], debiased_cka(grams[0].trained[1].gram, grams[0].trained[3].gram),
              1e-12);
}

TEST(LayerSimilarity, ModelsWithOtherLayersOrImagesAreRefused) {
  Observer nobody;
  std::vector<ModelGrams> grams = grams_of(three_models());
  EXPECT_THROW(layer_similarity(std::span<const ModelGrams>(), nobody), Error);
  grams[1].trained.pop_back();
  EXPECT_THROW(layer_similarity(grams, nobody), Error);
  grams = grams_of(three_models());
  for (LayerGram& layer : grams[2].trained) layer.gram.images = 5;
  EXPECT_THROW(layer_similarity(grams, nobody), Error);
}

// Models 0, 2, 4 are alike and so are 1 and 3; 2 stands between 0 and the others.
TEST(SimilarityOrder, PutsAlikeModelsSideBySide) {
  std::vector<double> similarity(25, 0.1);
  const auto put = [&](size_t a, size_t b, double value) {
    similarity[a * 5 + b] = similarity[b * 5 + a] = value;
  };
  for (size_t m = 0; m < 5; ++m) put(m, m, 1);
  put(0, 2, 0.9), put(0, 4, 0.8), put(2, 4, 0.7), put(1, 3, 0.6), put(2, 3, 0.3);
  EXPECT_EQ(similarity_order(similarity, 5), (std::vector<size_t>{4, 0, 2, 3, 1}));
  EXPECT_EQ(similarity_order(std::vector<double>{1}, 1), (std::vector<size_t>{0}));
  EXPECT_THROW(similarity_order(similarity, 4), Error);
}

TEST(KernelSimilarity, IsThatOfTheMatchedKernels) {
  Observer nobody;
  const std::vector<Model> models = {three_models()[0].model, three_models()[1].model};
  const std::vector<KernelSimilarity> layers = kernel_similarity(models, 3, nobody);
  ASSERT_EQ(layers.size(), 5u);
  // 40 permutations over 3 pairs.
  const KernelMatch match =
      match_kernels(layer_kernels(models[0], 1), layer_kernels(models[1], 1), 3, 13);
  EXPECT_EQ(layers[1].similarity, (std::vector<double>{1, match.similarity, match.similarity, 1}));
  EXPECT_EQ(layers[1].chance[1], match.chance);
  EXPECT_LT(layers[1].chance[0], 1);
}

TEST(ModelLayers, ComeBackFromJson) {
  const ModelLayers& layers = three_models()[0].layers;
  ASSERT_EQ(layers.numbers.size(), 6u);
  const nlohmann::json json = layers.numbers;
  const auto back = nlohmann::json::parse(json.dump()).get<std::vector<LayerNumbers>>();
  EXPECT_EQ(nlohmann::json(back), json);
  EXPECT_EQ(back[3].two_nn, layers.numbers[3].two_nn);
  EXPECT_EQ(back[3].block.specificity, layers.numbers[3].block.specificity);
  EXPECT_EQ(back[0].behind.distances.size(), 3u);
  EXPECT_TRUE(back[0].block.distances.empty());
}

TEST(ModelLayers, UntrainedNetworksOfOtherModelsAreOthers) {
  const std::vector<ComparedModel>& models = three_models();
  EXPECT_NE(untrained_seed(models[0].model, 1), untrained_seed(models[1].model, 1));
  EXPECT_NE(models[0].layers.grams.untrained[1].gram.products,
            models[1].layers.grams.untrained[1].gram.products);
  EXPECT_EQ(untrained_seed(models[0].model, 1), untrained_seed(models[0].model.clone(), 1));
}

TEST(ModelComparison, UseOfSharedFiltersIsAShare) {
  const ModelComparison all = compared(3);
  ASSERT_TRUE(all.shared);
  ASSERT_EQ(all.shared->use.size(), 15u);
  for (size_t m = 0; m < 3; ++m) {
    double sum = 0;
    for (size_t f = 0; f < 5; ++f) sum += all.shared->use[m * 5 + f];
    EXPECT_NEAR(sum, 1, 1e-12);
  }
  std::vector<size_t> order = all.order;
  std::ranges::sort(order);
  EXPECT_EQ(order, (std::vector<size_t>{0, 1, 2}));
}

TEST(ModelComparison, SaysWhatWasComparedAndWhatWasNot) {
  const std::vector<std::string> many = comparison_sentences(compared(3));
  EXPECT_THAT(many[0], HasSubstr("(median of 3 pairs of models)"));
  EXPECT_THAT(many[0], HasSubstr("There are 12 images and 48 to 1024 features"));
  EXPECT_THAT(many[1], HasSubstr("% of the pairs; than two untrained"));
  EXPECT_THAT(many[2], HasSubstr("Most alike"));
  EXPECT_THAT(many, testing::Contains(HasSubstr("takes --recorded")));
  // A dimension that cannot be measured is above those that can.
  ModelComparison few = compared(3);
  for (size_t m = 0; m < 3; ++m) few.numbers[m][2].two_nn = 4;
  few.numbers[0][2].two_nn.reset();
  EXPECT_THAT(comparison_sentences(few), Contains(HasSubstr("and 4.0, layer2")));
  few.numbers[1][2].two_nn.reset();
  EXPECT_THAT(comparison_sentences(few),
              Contains(HasSubstr("and not measurable with 12 images, layer2")));
  few.measured = MeasuredComparison{
      .images = {22, 23, 27},
      .available = 1200,
      .neurons = 3,
      .parts = 2,
      .ceilings = {},
      .models = {few.names.size(), std::vector<MeasuredSimilarity>(few.numbers[0].size())}};
  EXPECT_THAT(
      comparison_sentences(few),
      Contains(HasSubstr("Over 3 images of the second half, from number 23 to 28 of 1,200 (")));
  const std::vector<std::string> two = comparison_sentences(compared(2));
  EXPECT_THAT(two, testing::Not(testing::Contains(HasSubstr("pairs"))));
  const std::vector<std::string> one = comparison_sentences(compared(1));
  EXPECT_EQ(one.size(), 5u);
  EXPECT_THAT(one.back(), HasSubstr("4 filters explain 100.0 %"));
  EXPECT_THAT(one, testing::Not(testing::Contains(HasSubstr("median"))));
}

int64_t lines_of(const std::string& csv) { return std::ranges::count(csv, '\n'); }

TEST(ModelComparison, HasARowForEachModelLayerAndPair) {
  const ModelComparison all = compared(3);
  EXPECT_EQ(lines_of(comparison_layers_csv(all)), 1 + 3 * 6);
  EXPECT_EQ(lines_of(comparison_pairs_csv(all)), 1 + 3 * 5);
  EXPECT_EQ(lines_of(comparison_images_csv(all)), 1 + 3 * 6 * 3);
  EXPECT_EQ(lines_of(shared_filters_csv(all)), 1 + 3);
  for (const std::string& csv : {comparison_layers_csv(all), comparison_pairs_csv(all),
                                 comparison_images_csv(all), shared_filters_csv(all)}) {
    const auto fields = [](const std::string& line) { return std::ranges::count(line, ','); };
    size_t begin = 0;
    for (size_t end; (end = csv.find('\n', begin)) != std::string::npos; begin = end + 1) {
      EXPECT_EQ(fields(csv.substr(begin, end - begin)), fields(csv.substr(0, csv.find('\n'))));
    }
  }
  EXPECT_EQ(lines_of(comparison_pairs_csv(compared(1))), 1);
}

// A model whose RDM is the measured one lies at the ceiling or above, and without noise all is 1.
TEST(MeasuredSimilarity, OfThePopulationItselfIsTheCeiling) {
  const ModelGrams& grams = three_models()[0].layers.grams;
  const Rdm rdm = correlation_rdm(grams.trained[2].gram);
  const MeasuredRdms measured{.images = {}, .parts = {rdm, rdm}, .whole = rdm};
  const MeasuredCeilings ceilings = measured_ceilings(measured);
  EXPECT_NEAR(ceilings.rdm.lower, 1, 1e-12);
  EXPECT_NEAR(ceilings.topology.upper, 1, 1e-12);
  const std::vector<MeasuredSimilarity> layers = similarity_to_measured(grams, measured);
  ASSERT_EQ(layers.size(), 6u);
  EXPECT_NEAR(layers[2].rdm, 1, 1e-12);
  EXPECT_NEAR(layers[2].topology, 1, 1e-12);
  EXPECT_LT(layers[2].untrained_rdm, 0.99);
  EXPECT_LT(layers[4].rdm, 0.99);
}

}  // namespace
}  // namespace secateur
