#include "prunebench/selection.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "pruning/response/response_criterion.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

using enum LayerComparison;

TEST(Selection, ComparesLayersAsAsked) {
  const Architecture a = student_architecture({4, 4, 4, 4, 4}, kSmallInput);
  const int64_t all = count_parameters(a).total;
  // One filter goes: of layer 4 by the score, of layer 0, where it costs more, by the parameters.
  FilterScores scores(5, std::vector<double>(4, 100.0));
  scores[0][2] = 1.5;
  scores[4][3] = 1;
  ASSERT_GT(filter_cost(a, 0), 2 * filter_cost(a, 4));
  EXPECT_EQ(keep_by_scores(a, scores, kScore, all - 1, 1)[4], (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(keep_by_scores(a, scores, kPerParameter, all - 1, 1)[0],
            (std::vector<int64_t>{0, 1, 3}));
  // By equal shares the worst of every layer goes before the second worst of any.
  for (size_t layer = 0; layer < 5; ++layer) {
    for (size_t f = 0; f < 4; ++f) scores[layer][f] = static_cast<double>(10 * layer + f);
  }
  const int64_t three_each =
      count_parameters(student_architecture({3, 3, 3, 3, 3}, kSmallInput)).total;
  EXPECT_EQ(keep_by_scores(a, scores, kEqualShares, three_each, 1),
            KeptFilters(5, std::vector<int64_t>{1, 2, 3}));
}

// For scores per parameter the same as the cut of pruning/response, in one.
TEST(Selection, IsTheCutOfTheResponseCriterion) {
  const bool holds = rc::check([] {
    const auto count = [] { return *rc::gen::inRange<int64_t>(1, 7); };
    const Architecture a =
        student_architecture({count(), count(), count(), count(), count()}, kSmallInput);
    FilterScores scores;
    for (const int64_t n : filter_counts(a)) {
      scores.emplace_back();
      for (int64_t f = 0; f < n; ++f) scores.back().push_back(*rc::gen::inRange(0, 50));
    }
    const int64_t parameters = *rc::gen::inRange<int64_t>(1, count_parameters(a).total + 10);
    const int64_t floor = *rc::gen::inRange<int64_t>(1, 3);
    const KeptFilters kept = keep_by_scores(a, scores, kPerParameter, parameters, floor);
    const Cut cut =
        choose_cut(a, scores, {.step = 0.9999, .floor = floor, .parameters = parameters});
    KeptFilters wanted;
    for (const int64_t n : filter_counts(a)) {
      wanted.emplace_back();
      for (int64_t f = 0; f < n; ++f) wanted.back().push_back(f);
    }
    for (const CutFilter& filter : cut.removed) std::erase(wanted[filter.layer], filter.filter);
    RC_ASSERT(kept == wanted);
  });
  EXPECT_TRUE(holds);
}

TEST(Selection, KeepsTheLargestOfEachLayerByCounts) {
  const FilterScores scores = {{3, 1, 2}, {5, 9}};
  EXPECT_EQ(keep_counts(scores, {2, 1}), (KeptFilters{{0, 2}, {1}}));
  expect_refused([&] { keep_counts(scores, {4, 1}); }, "wanted 1 to 3 filters of layer 0, got 4");
}

TEST(Selection, RefusesScoresOfAnotherNetwork) {
  const Architecture a = student_architecture({2, 2, 2, 2, 2}, kSmallInput);
  expect_refused(
      [&] {
        keep_by_scores(a, {{1, 2}}, kScore, 10, 1);
      },
      "wanted scores of [2, 2, 2, 2, 2] filters, got [2]");
}

}  // namespace
}  // namespace secateur
