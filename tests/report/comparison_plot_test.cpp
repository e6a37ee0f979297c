#include "report/comparison_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

using testing::HasSubstr;

ModelComparison small_comparison(uint64_t models) {
  std::vector<ComparedModel> made;
  Observer nobody;
  for (uint64_t seed = 1; seed <= models; ++seed) {
    const Model model = small_student(seed);
    made.push_back({"m" + std::to_string(seed), model,
                    model_layers(model, 0, random_pixels(8), {.jacobian_images = 2}, nobody)});
  }
  return compare_models(made, {.factors = 5, .jacobian_images = 2}, nobody);
}

TEST(ComparisonPlot, NamesEveryLayerAndModel) {
  ModelComparison all = small_comparison(3);
  all.names[1] = "a<b";
  for (const std::string& svg :
       {comparison_similarity_plot("A & B", all), comparison_layers_plot("A & B", all),
        shared_filters_plot("A & B", all)}) {
    EXPECT_THAT(svg, HasSubstr("<title>A &amp; B</title>"));
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("a<b"), std::string::npos);
  }
  EXPECT_THAT(comparison_similarity_plot("t", all), testing::ContainsRegex("[123] a&lt;b</text>"));
  EXPECT_THAT(comparison_similarity_plot("t", all), HasSubstr("layer4, kernels by chance: median"));
  EXPECT_THAT(comparison_layers_plot("t", all), HasSubstr("layer4, median: 3"));
  EXPECT_THAT(shared_filters_plot("t", all), HasSubstr("shared filter 4:"));
  all.shared.reset();
  EXPECT_EQ(shared_filters_plot("t", all), "");
  EXPECT_THAT(comparison_similarity_plot("t", small_comparison(1)),
              HasSubstr("layers with one another"));
}

// The band of the ceiling and the untrained networks are drawn where something was recorded.
TEST(ComparisonPlot, ShowsTheCeilingOfWhatWasRecorded) {
  ModelComparison all = small_comparison(1);
  EXPECT_EQ(comparison_layers_plot("t", all).find("noise ceiling"), std::string::npos);
  all.measured = MeasuredComparison{
      .images = {},
      .ceilings = {.rdm = {.lower = 0.25, .upper = 0.5}, .topology = {.lower = 0.1, .upper = 0.2}},
      .models = {std::vector<MeasuredSimilarity>(6, {.rdm = 0.4, .untrained_rdm = 0.1})}};
  const std::string svg = comparison_layers_plot("t", all);
  EXPECT_THAT(svg, HasSubstr("<title>noise ceiling 0.25 to 0.50</title>"));
  EXPECT_THAT(svg, HasSubstr("layer2, untrained: 0.1"));
}

}  // namespace
}  // namespace secateur
