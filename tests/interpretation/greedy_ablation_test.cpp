#include "interpretation/greedy_ablation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "interpretation/filter_groups.h"
#include "tensor/error.h"
#include "tests/interpretation/small_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr size_t kGreedyLayer = 1;

double missing_without(AblationRuns& runs, const std::vector<int64_t>& filters) {
  Observer nobody;
  return ablate(runs, {{kGreedyLayer, filters}}, nobody).ablated[0].loss.variance_missing;
}

// Filter 3 of layer 1 is filter 0 again, in every weight.
Model with_a_copy() {
  Model model = small_student();
  for (const ParameterSpec& spec : model.specs()) {
    const bool own = spec.name.starts_with("layer1.") && !spec.name.ends_with(".depthwise.weight");
    const bool kernel = spec.name == "layer2.depthwise.weight";
    Tensor& tensor = model.tensor(spec.name);
    if (own || kernel) {
      const Tensor from = tensor.rows(0, 1).clone();
      std::copy_n(from.data(), from.numel(), tensor.rows(3, 4).data());
    }
    if (spec.name == "layer2.pointwise.weight") {
      for (int64_t f = 0; f < 3; ++f) tensor[f * 5 + 3] = tensor[f * 5 + 0];
    }
  }
  return model;
}

TEST(GreedyAblation, EachStepIsTheBestOfThoseLeft) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(10));
  Observer nobody;
  for (const GreedyOrder order : {GreedyOrder::kLeastFirst, GreedyOrder::kMostFirst}) {
    const auto steps = greedy_ablation(runs, kGreedyLayer, order, nobody);
    ASSERT_EQ(steps.size(), 5u);
    std::vector<int64_t> gone;
    for (const GreedyStep& step : steps) {
      for (int64_t f = 0; f < 5; ++f) {
        if (std::count(gone.begin(), gone.end(), f) > 0) continue;
        std::vector<int64_t> other = gone;
        other.push_back(f);
        const double missing = missing_without(runs, other);
        const double sign = order == GreedyOrder::kLeastFirst ? 1 : -1;
        EXPECT_GE(sign * missing, sign * step.loss.variance_missing);
      }
      gone.push_back(step.filter);
      EXPECT_EQ(missing_without(runs, gone), step.loss.variance_missing);
    }
    EXPECT_EQ(std::set<int64_t>(gone.begin(), gone.end()).size(), 5u);
    EXPECT_NEAR(steps.back().loss.variance_missing, 1, 1e-12);
  }
}

TEST(GreedyAblation, ReportsOnOneScaleAndStopsWhenAsked) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(9);
  const auto call = [&](Observer& observer) {
    AblationRuns runs(response, pixels);
    greedy_ablation(runs, kGreedyLayer, GreedyOrder::kLeastFirst, observer);
  };
  Watching watching;
  call(watching);
  expect_runs_to_the_end(watching.heard, "greedy ablation");
  expect_stops_anywhere(call, 6);
}

TEST(FilterPairs, OfTheLastLayerAddAndElsewhereNeedNot) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(10));
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const FilterPairs last = ablate_pairs(runs, single, 4, kMostPairs, nobody);
  ASSERT_EQ(last.pairs.size(), 3u);
  EXPECT_EQ(last.untried, 0);
  double largest = 0;
  for (const FilterPair& pair : last.pairs) EXPECT_NEAR(pair.not_additive, 0, 1e-9);
  for (const FilterPair& pair : ablate_pairs(runs, single, 1, kMostPairs, nobody).pairs) {
    largest = std::max(largest, pair.not_additive);
    EXPECT_NEAR(pair.interaction,
                pair.loss.variance_missing - missing_without(runs, {pair.first}) -
                    missing_without(runs, {pair.second}),
                1e-12);
  }
  EXPECT_GT(largest, 1e-4);
}

TEST(FilterPairs, TriesThoseThatMatterAndSaysWhatItLeftOut) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(10));
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const FilterPairs pairs = ablate_pairs(runs, single, 1, 3, nobody);
  EXPECT_EQ(pairs.pairs.size(), 3u);
  EXPECT_EQ(pairs.untried, 7);
  ASSERT_EQ(pairs.tried.size(), 3u);
  double least = 1e9, left = 0;
  for (int64_t f = 0; f < 5; ++f) {
    const bool tried = std::count(pairs.tried.begin(), pairs.tried.end(), f) > 0;
    const double missing = missing_without(runs, {f});
    if (tried) least = std::min(least, missing);
    if (!tried) left = std::max(left, missing);
  }
  EXPECT_GE(least, left);
  EXPECT_THROW(ablate_pairs(runs, single, 1, 0, nobody), Error);
  EXPECT_THROW(ablate_pairs(runs, ablate(runs, {{1, {0}}}, nobody), 1, 3, nobody), Error);
}

TEST(FilterGroups, HoldFiltersThatCarryTheSame) {
  const LayeredResponse response(with_a_copy());
  AblationRuns runs(response, random_pixels(20));
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const FilterGroups groups = group_filters(runs, single, 1, {.least_correlation = 0.9999}, nobody);
  size_t with_copy = groups.groups.size();
  size_t members = groups.idle.size();
  for (size_t g = 0; g < groups.groups.size(); ++g) {
    members += groups.groups[g].set.filters.size();
    if (groups.groups[g].set.filters == std::vector<int64_t>{0, 3}) with_copy = g;
    if (g == 0) continue;
    EXPECT_GE(groups.groups[g - 1].loss.variance_missing, groups.groups[g].loss.variance_missing);
  }
  EXPECT_LT(with_copy, groups.groups.size()) << "filters 0 and 3 are not a group";
  EXPECT_EQ(members, 5u);
}

// Of one filter as of several a group is what an ablation of its filters gives.
TEST(FilterGroups, AreWhatAblatingTheirFiltersGives) {
  const LayeredResponse response(with_a_copy());
  AblationRuns runs(response, random_pixels(20));
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const FilterGroups found = group_filters(runs, single, 1, {.least_correlation = 0.9999}, nobody);
  ASSERT_GE(found.groups.size(), 3u);
  std::vector<int64_t> members = found.idle;
  for (const AblatedFilters& group : found.groups) {
    const Ablation again = ablate(runs, {group.set}, nobody);
    EXPECT_EQ(again.ablated[0].change, group.change);
    EXPECT_EQ(again.ablated[0].loss.share, group.loss.share);
    members.insert(members.end(), group.set.filters.begin(), group.set.filters.end());
  }
  std::ranges::sort(members);
  EXPECT_EQ(members, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(FilterGroups, OfCorrelationsDownToMinusOneIsOne) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(20));
  Observer nobody;
  const Ablation single = ablate(runs, single_filters(response), nobody);
  const FilterGroups one =
      group_filters(runs, single, 1, {.least_correlation = -1, .least_missing = 0}, nobody);
  ASSERT_EQ(one.groups.size(), 1u);
  EXPECT_NEAR(one.groups[0].loss.variance_missing, 1, 1e-12);
  const FilterGroups none = group_filters(runs, single, 1, {.least_missing = 100}, nobody);
  EXPECT_TRUE(none.groups.empty());
  EXPECT_EQ(none.idle.size(), 5u);
  EXPECT_THROW(group_filters(runs, single, 1, {.least_correlation = 2}, nobody), Error);
}

}  // namespace
}  // namespace secateur
