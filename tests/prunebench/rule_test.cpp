#include "prunebench/rule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "models/fingerprint.h"
#include "prunebench/measured.h"
#include "pruning/rebuild.h"
#include "pruning/variance/prune.h"
#include "tests/prunebench/bench_problem.h"

namespace secateur {
namespace {

std::string pruned_by_the_method(const BenchProblem& problem, double threshold, int64_t floor) {
  return fingerprint(prune(problem.model, problem.visitor, problem.labels,
                           {.threshold = threshold, .floor = floor})
                         .model);
}

// The laboratory's network of the method's rule is the one that pruning by the rule makes, bit for
// bit, for any threshold and floor.
TEST(BenchRule, KeepsWhatPruneKeeps) {
  const bool holds = rc::check([] {
    const BenchProblem problem(small_student({6, 5, 5, 4, 4}, *rc::gen::arbitrary<uint64_t>()));
    const int64_t floor = *rc::gen::inRange<int64_t>(1, 4);
    const double threshold = *rc::gen::element(0.1, 0.5, 0.8, 0.9, 0.99);
    const RuleMeasurements rule(problem.model, problem.visitor, problem.labels);
    const Model mine = keep_everywhere(problem.model, rule.at(threshold, floor));
    RC_ASSERT(fingerprint(mine) == pruned_by_the_method(problem, threshold, floor));
  });
  EXPECT_TRUE(holds);
}

TEST(BenchRule, OfASizeHasTheLargestThresholdThatFits) {
  const BenchProblem problem(small_student({8, 8, 8, 8, 6}, 3));
  const int64_t all = count_parameters(problem.model.architecture()).total;
  const Criterion& criterion = criterion_named(kRuleName);
  const MeasuredCriterion measured(
      criterion,
      {.model = problem.model, .images = problem.visitor, .labels = problem.labels, .seed = 0},
      {.floor = 1});
  for (const int64_t parameters : {all / 2, all / 4}) {
    const MeasuredCriterion::Cut cut = measured.cut(parameters);
    const Model network = measured.network(cut.kept, problem.images);
    EXPECT_LE(count_parameters(network.architecture()).total, parameters);
    EXPECT_EQ(fingerprint(network), pruned_by_the_method(problem, cut.threshold, 1));
    const RuleMeasurements rule(problem.model, problem.visitor, problem.labels);
    EXPECT_GT(
        parameters_of(problem.model.architecture(), rule.at(cut.threshold + kThresholdStep, 1)),
        parameters);
  }
}

// Every layer as many filters as by the rule, but others of them.
TEST(BenchRule, GivesItsCountsToOtherCriteria) {
  const BenchProblem problem(small_student({8, 8, 8, 8, 6}, 3));
  const int64_t half = count_parameters(problem.model.architecture()).total / 2;
  const auto cut = [&](const char* criterion) {
    return MeasuredCriterion(criterion_named(criterion),
                             {.model = problem.model,
                              .images = problem.visitor,
                              .labels = problem.labels,
                              .seed = 1},
                             {.floor = 1, .counts_of_rule = true})
        .cut(half);
  };
  const KeptFilters rule = cut(kRuleName).kept, random = cut("random").kept;
  EXPECT_EQ(counts_of(random), counts_of(rule));
  EXPECT_NE(random, rule);
}

}  // namespace
}  // namespace secateur
