#include "pruning/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "pruning/response/cut.h"
#include "pruning/variance/prune.h"
#include "tests/pruning/pruning_problem.h"

namespace secateur {
namespace {

using testing::HasSubstr;

std::vector<std::string> rows(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

size_t place(const std::vector<std::string>& lines, const std::string& part, size_t from = 0) {
  while (from < lines.size() && lines[from].find(part) == std::string::npos) ++from;
  return from;
}

class Explain : public testing::Test {
 protected:
  Model student_ = small_student({8, 7, 6, 5, 4}, 3);
  Tensor images_ = random_images(kSmallInput, 20, 4, 30);
};

TEST_F(Explain, ShowsEveryScoreShareAndLineOfAThreshold) {
  const Tensor answers = answers_of(student_, images_);
  const PruneResult result =
      prune(student_, batches_of(images_, 5), {answers.values().begin(), answers.values().end()},
            {.threshold = 0.7, .floor = 2});
  ReplayPlan plan = plan_replay(student_, result.ledger, "file");
  const std::string text = explain(student_.architecture(), result.ledger, plan);
  const std::vector<std::string> lines = rows(text);
  std::string layer;
  size_t at = 0;
  for (const LedgerEntry& entry : result.ledger) {
    if (entry.layer != layer) {
      layer = entry.layer;
      at = place(lines, layer + ": ");
      ASSERT_LT(at, lines.size());
      EXPECT_THAT(lines[at], HasSubstr("a share of at least 0.7 must stay"));
    }
    const std::string row =
        fmt::format("  {:>4}  {:>6}  {:>12.6g}", entry.rank, entry.filter, entry.score);
    const size_t found = place(lines, row, at);
    ASSERT_LT(found, lines.size()) << row;
    EXPECT_GT(found, at) << "not in the order of the ranks";
    if (entry.removed) {
      EXPECT_THAT(lines[found], HasSubstr(fmt::format("{:.6f} > {:.6f}  goes", entry.kept_before,
                                                      entry.kept_after)));
    } else {
      EXPECT_THAT(lines[found], HasSubstr("stays: " + entry.reason));
    }
    at = found;
  }
  for (const LayerOutcome& outcome : result.layers) {
    EXPECT_THAT(text, HasSubstr(fmt::format("{}: {} of {} filters stay", outcome.layer,
                                            outcome.after, outcome.before)));
  }
  // The line is drawn before the first that stays, once in every layer.
  size_t drawn = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with("  ------ the line: ")) continue;
    ++drawn;
    EXPECT_THAT(lines[i + 1], HasSubstr("stays: ")) << lines[i];
    EXPECT_THAT(lines[i - 1], testing::AnyOf(HasSubstr("goes: "), HasSubstr("share left")));
  }
  EXPECT_EQ(drawn, 5u);
  const FilterName name = plan.removed.front();
  restore(plan, student_.architecture(), name);
  EXPECT_THAT(explain(student_.architecture(), result.ledger, plan),
              HasSubstr("put back by hand: " + text_of(name)));
}

TEST_F(Explain, ShowsTheCutsAndTheFirstThatStayed) {
  CutState state(student_);
  for (int i = 0; i < 5; ++i) {
    cut_once(state, batches_of(images_, 8), {.step = 0.15, .floor = 3});
  }
  const ReplayPlan plan = plan_replay(student_, state.ledger, "file");
  const std::string text = explain(student_.architecture(), state.ledger, plan);
  const std::vector<std::string> lines = rows(text);
  int64_t named = 0;
  for (const LedgerEntry& entry : state.ledger) {
    const CutRecord& cut = *entry.cut;
    const size_t at = place(lines, fmt::format("cut {}: ", cut.cut));
    const std::string row =
        fmt::format("  {:>4}  {:<12}  {:>12.6g}  {:>6}  {:>12.6g}  {:>10}", entry.rank,
                    entry.layer + "/" + std::to_string(entry.filter), entry.score, cut.cost,
                    entry.score / static_cast<double>(cut.cost), cut.parameters_after);
    EXPECT_LT(place(lines, row, at), place(lines, fmt::format("cut {}: ", cut.cut + 1))) << row;
    if (!cut.next) continue;
    ++named;
    const size_t line = place(lines, "the line: the first that stayed", at);
    ASSERT_LT(line + 1, lines.size());
    EXPECT_THAT(lines[line + 1],
                HasSubstr(fmt::format("{}/{}", cut.next->layer, cut.next->filter)));
    // It really stayed in this cut, and scores no less per parameter than the last that went.
    EXPECT_GE(cut.next->score / static_cast<double>(cut.next->cost),
              entry.score / static_cast<double>(cut.cost));
    EXPECT_GT(cut.next->rank, entry.rank);
    for (const LedgerEntry& other : state.ledger) {
      if (other.layer != cut.next->layer || other.filter != cut.next->filter) continue;
      EXPECT_GT(other.cut->cut, cut.cut);
    }
  }
  EXPECT_GE(named, 3);
  EXPECT_THAT(text, HasSubstr("passed over, their layers being at the floor"));
}

TEST_F(Explain, SaysThatAFilterOfALayerAtItsFloorIsPassedOverAtTheLine) {
  CutState state(student_);
  cut_once(state, batches_of(images_, 8), {.step = 0.15});
  const auto text = [&] {
    return explain(student_.architecture(), state.ledger,
                   plan_replay(student_, state.ledger, "file"));
  };
  EXPECT_THAT(text(), HasSubstr("the line: the first that stayed\n"));
  EXPECT_THAT(text(), testing::Not(HasSubstr("passed over, their")));
  EXPECT_THAT(text(), HasSubstr("its last filter is always spared"));
  const int64_t skipped = state.ledger.back().rank + 1;
  state.ledger.back().cut->next->rank = skipped + 1;
  EXPECT_THAT(text(), HasSubstr("the line: the first that stayed, but for those passed over\n"));
  EXPECT_THAT(text(), HasSubstr(fmt::format("at the floor: the filters of rank {}\n", skipped)));
}

TEST_F(Explain, SaysWhenALedgerNamesNoFirstThatStayed) {
  CutState state(student_);
  cut_once(state, batches_of(images_, 8), {.step = 0.15});
  state.ledger.back().cut->next.reset();
  const ReplayPlan plan = plan_replay(student_, state.ledger, "file");
  EXPECT_THAT(explain(student_.architecture(), state.ledger, plan),
              HasSubstr("the ledger names no filter that would have been next"));
}

}  // namespace
}  // namespace secateur
