#include "report/layer_scores.h"

#include <gtest/gtest.h>

#include "models/architecture.h"

namespace secateur {
namespace {

int64_t by_formula(const NetworkSize& size, const std::vector<int64_t>& filters) {
  int64_t sum = size.constant;
  for (size_t l = 0; l < filters.size(); ++l) {
    sum += size.each[l] * filters[l];
    if (l > 0) sum += size.pairs[l] * filters[l - 1] * filters[l];
  }
  return sum;
}

// What the page's slider says of a network that nobody has made.
TEST(NetworkSize, IsThatOfEveryStudent) {
  const InputSpec input{.height = 32, .width = 32};
  for (const std::vector<int64_t>& filters :
       {std::vector<int64_t>{1, 1, 1, 1, 1}, {7, 5, 3, 2, 9}, {100, 100, 100, 100, 100}}) {
    const Architecture architecture = student_architecture({4, 4, 4, 4, 4}, input);
    EXPECT_EQ(by_formula(network_size(architecture), filters),
              count_parameters(student_architecture(filters, input)).total);
  }
}

RunRecord run_with(const std::vector<nlohmann::json>& ledger) {
  RunRecord run;
  run.results = {{"neurons",
                  {{{"name", "a"},
                    {"label", "n0"},
                    {"stages",
                     {{"student", {{"filters", {3}}, {"parameters", 30}}},
                      {"pruned", {{"filters", {2}}, {"parameters", 20}}}}}}}},
                 {"median", nlohmann::json::object()}};
  run.ledger = ledger;
  return run;
}

TEST(NeuronScores, FiltersThatNoCutTookStandBehind) {
  const RunRecord run = run_with(
      {{{"neuron", "n0"},
        {"layer", "layer0"},
        {"filter", 1},
        {"decision", "removed"},
        {"score", 4.0},
        {"cost", 8},
        {"cut", 1},
        {"parameters_before", 30},
        {"parameters_after", 20},
        {"next", {{"layer", "layer0"}, {"filter", 2}, {"score", 9.0}, {"cost", 3}, {"rank", 1}}}}});
  const NeuronScores scores = neuron_scores(run, 0);
  ASSERT_EQ(scores.layers.size(), 1u);
  const std::vector<FilterScore>& filters = scores.layers[0].filters;
  ASSERT_EQ(filters.size(), 3u);
  EXPECT_EQ(filters[0].score, 0.5);  // per parameter
  EXPECT_EQ(filters[1].filter, 2);   // the next in line, before the one without a score
  EXPECT_EQ(filters[1].score, 3.0);
  EXPECT_EQ(filters[2].filter, 0);
  EXPECT_TRUE(scores.cuts);
  EXPECT_EQ(scores.parameters_left, 20);
  EXPECT_EQ(run.kept_filters(0, "layer0", 2), (std::vector<int64_t>{0, 2}));
}

TEST(NeuronScores, OfAnotherNeuronAreNotTaken) {
  const RunRecord run = run_with({{{"neuron", "n1"}, {"layer", "layer0"}, {"filter", 1}}});
  EXPECT_TRUE(neuron_scores(run, 0).layers.empty());
}

}  // namespace
}  // namespace secateur
