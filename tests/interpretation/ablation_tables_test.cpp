#include "interpretation/ablation_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "interpretation/circuit_tables.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

using nlohmann::json;

int64_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

AblatedFilters two_filters() {
  return {.set = {.layer = 1, .filters = {3, 4}},
          .loss = {.mean_change = -0.5,
                   .share = 0.25,
                   .variance_missing = 0.75,
                   .variance_unexplained = 0.45},
          .change = {}};
}

TEST(AblationTables, JsonHasTheLossAndTheFilters) {
  const json j = two_filters();
  EXPECT_EQ(j["layer"], 1);
  EXPECT_EQ(j["filters"], (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(j["mean_change"], -0.5);
  EXPECT_EQ(j["share"], 0.25);
  EXPECT_EQ(j["variance_missing"], 0.75);
  EXPECT_EQ(j["variance_unexplained"], 0.45);
  const json step = GreedyStep{.filter = 2, .loss = two_filters().loss};
  EXPECT_EQ(step["filter"], 2);
  EXPECT_EQ(step["variance_missing"], 0.75);
  const json pairs = FilterPairs{.layer = 3,
                                 .pairs = {{.first = 1, .second = 2, .interaction = 0.5}},
                                 .tried = {1, 2},
                                 .untried = 9};
  EXPECT_EQ(pairs["untried"], 9);
  EXPECT_EQ(pairs["pairs"][0]["interaction"], 0.5);
}

TEST(AblationTables, CsvHasALineForEach) {
  const LayeredResponse response(small_student());
  EXPECT_EQ(ablation_csv(response, {two_filters()}),
            "layer,filters,mean_change,share,variance_missing,variance_unexplained\n"
            "layer1,3+4,-0.5,0.25,0.75,0.45\n");
  EXPECT_EQ(greedy_csv({{.filter = 2, .loss = two_filters().loss}}),
            "step,filter,mean_change,share,variance_missing,variance_unexplained\n"
            "1,2,-0.5,0.25,0.75,0.45\n");
  const LayerPatching layer{.layer = 2,
                            .filters = {{.set = {.layer = 2, .filters = {1}}, .share = 0.5}}};
  EXPECT_EQ(patching_csv(response, {layer}), "layer,filter,share\nlayer2,1,0.5\n");
}

TEST(AblationTables, WordsSayTheSignAndTheNumbers) {
  const LayeredResponse response(small_student());
  EXPECT_EQ(loss_sentence(response, two_filters(), 3, 1e-5),
            "layer1 filters 3+4 inhibit: without them the mean response rises by 0.5 (it is 3), "
            "and 45 % of its variance over images is not explained by what is left.");
  AblatedFilters other = two_filters();
  other.set.filters = {0};
  other.loss.mean_change = 0.5;
  other.loss.variance_missing = 0.9;
  const std::string text = ablation_text(response, {two_filters(), other}, 1);
  EXPECT_NE(text.find("layer1 filter 0            excites"), std::string::npos) << text;
  EXPECT_NE(text.find("and 1 that lose less"), std::string::npos) << text;
}

TEST(AblationTables, RoundingNeitherExcitesNorInhibits) {
  const LayeredResponse response(small_student());
  AblatedFilters none = two_filters();
  none.loss.mean_change = -1e-7;
  none.change = {-1e-7, 0, -2e-7};
  EXPECT_EQ(loss_sentence(response, none, 3, 3e-5),
            "layer1 filters 3+4 hardly change the response over these images: what they do to it "
            "is within rounding.");
  none.change = {-0.5, 0.5 - 3e-7, 0};
  EXPECT_TRUE(loss_sentence(response, none, 3, 3e-5)
                  .starts_with("layer1 filters 3+4 move the response from image to image and not "
                               "its mean"));
  const std::vector<double> responses = {3, 3 + 1e-6, 3 - 1e-6};
  EXPECT_TRUE(hardly_varies(responses));
  EXPECT_FALSE(hardly_varies(std::vector<double>{3, 3.01, 2.99}));
  // A difference of large numbers is rounded as they are.
  EXPECT_DOUBLE_EQ(rounding_of(std::vector<double>{1e-3, 2e-3}, std::vector{two_filters()}), 2e-8);
  AblatedFilters large = two_filters();
  large.change = {-40, 7};
  EXPECT_DOUBLE_EQ(rounding_of(std::vector<double>{1e-3, 2e-3}, std::vector{large}), 4e-4);
}

TEST(CircuitTables, HaveEveryEdgeAndASentenceForTheStrongest) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(8);
  Observer nobody;
  AblationRuns runs(response, pixels);
  const Circuit circuit =
      circuit_of(response, pixels, ablate(runs, single_filters(response), nobody), nobody);
  const int64_t edges = 4 * 5 + 5 * 3 + 3 * 4 + 4 * 3 + 3;
  EXPECT_EQ(lines_of(edges_csv(circuit)), 1 + edges);
  const json j = circuit;
  EXPECT_EQ(std::ssize(j["edges"]), edges);
  EXPECT_EQ(j["filters"].size(), 19u);
  EXPECT_EQ(j["readout_maps"].size(), 3u);
  EXPECT_EQ(j["readout_maps"][0].size(), 4u);
  const std::vector<std::string> sentences = circuit_sentences(circuit, {.filters = 2});
  ASSERT_EQ(sentences.size(), 10u);
  EXPECT_TRUE(sentences[0].starts_with("layer4 filter")) << sentences[0];
  EXPECT_NE(sentences[0].find("fed most by layer3 filters"), std::string::npos) << sentences[0];
  EXPECT_EQ(sentences[9].find("fed"), std::string::npos) << sentences[9];
}

}  // namespace
}  // namespace secateur
