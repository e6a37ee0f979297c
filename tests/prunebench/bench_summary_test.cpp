// Numbers, words and plot from rows that are known.

#include "prunebench/bench_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "prunebench/bench_plot.h"
#include "prunebench/bench_words.h"
#include "prunebench/criterion.h"
#include "report/svg.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using testing::Contains;
using testing::HasSubstr;

BenchRow bench_row(int64_t neuron, const std::string& criterion, double r2, int64_t seed = 0) {
  const bool student = criterion == "none";
  BenchRow row{.key = {.run = 0,
                       .neuron = fmt::format("neuron{}", neuron),
                       .criterion = criterion,
                       .schedule = student ? kStudent : kOneShot,
                       .seed = seed,
                       .size = 0},
               .name = fmt::format("neuron {}", neuron),
               .source = "recordings",
               .wanted = student ? 0 : 500,
               .parameters = student ? 1000 : 490,
               .kept = {{0, 2}, {1}}};
  row.outcomes[kRemoved] = {.r2 = r2};
  return row;
}

// The rule has 0.5, 0.6, ...; `gain` is added for the other criterion, of every neuron but the
// last.
std::vector<BenchRow> bench_rows(int64_t neurons, double gain, double last) {
  std::vector<BenchRow> rows;
  for (int64_t n = 0; n < neurons; ++n) {
    const double rule = 0.5 + 0.1 * static_cast<double>(n);
    rows.push_back(bench_row(n, "none", 0.9));
    rows.push_back(bench_row(n, kRuleName, rule));
    BenchRow recipe = rows.back();
    recipe.key.schedule = kAsRecipe;
    rows.push_back(recipe);
    // The mean over two seeds counts.
    const double other = rule + (n + 1 == neurons ? last : gain);
    rows.push_back(bench_row(n, "taylor", other - 0.02, 0));
    rows.push_back(bench_row(n, "taylor", other + 0.02, 1));
  }
  return rows;
}

BenchOptions half_size() { return {.shares = {0.5}}; }

TEST(BenchSummary, PairsNeuronsAndTakesTheMeanOverSeeds) {
  const BenchSummary summary = summarise_bench(bench_rows(5, 0.1, -0.3));
  ASSERT_EQ(summary.groups.size(), 1u);
  const BenchGroup& group = summary.groups[0];
  ASSERT_EQ(group.criteria.size(), 2u);
  EXPECT_EQ(group.criteria[0].criterion, kRuleName);
  EXPECT_NEAR(group.criteria[0].r2.value, 0.7, 1e-12);
  EXPECT_EQ(group.criteria[0].gain.value, 0);
  const CriterionSummary& other = group.criteria[1];
  EXPECT_EQ(other.neurons, 5);
  EXPECT_EQ(other.better, 4);
  EXPECT_NEAR(other.gain.value, 0.1, 1e-12);
  // In 5.8 % of the resamples the last neuron is drawn three times or more: it has the median.
  EXPECT_NEAR(other.gain.interval->low, -0.3, 1e-9);
  EXPECT_NEAR(other.gain.interval->high, 0.1, 1e-9);
  EXPECT_NEAR(other.r2.value, 0.7, 1e-12);  // of 0.6, 0.7, 0.8, 0.9 and 0.6
}

TEST(BenchSummary, OfOneNeuronHasNoInterval) {
  const BenchSummary summary = summarise_bench(bench_rows(1, 0.1, 0.1));
  EXPECT_FALSE(summary.groups[0].criteria[1].gain.interval.has_value());
  const std::vector<std::string> answer = bench_answer(summary, half_size());
  EXPECT_THAT(answer, Contains(HasSubstr("+0.100 of a single neuron")));
  EXPECT_THAT(answer, Contains(HasSubstr("1 recorded neuron say")));
}

TEST(BenchSummary, WordsSayWhenTheIntervalHoldsZero) {
  const auto sentence = [](double gain, double last) {
    const BenchSummary summary = summarise_bench(bench_rows(7, gain, last));
    for (const std::string& one : bench_answer(summary, half_size())) {
      if (one.find("keeps most") != std::string::npos) return one;
    }
    return std::string();
  };
  const std::string sure = sentence(0.1, 0.1);
  EXPECT_THAT(sure, HasSubstr("At 50 % of the parameters, one-shot, as cut: Taylor, first order"));
  EXPECT_THAT(sure, HasSubstr("+0.100 (+0.100 to +0.100), better on 7 of 7 neurons."));
  // One neuron of three that is far off takes the median with it in some resamples.
  std::vector<BenchRow> rows = bench_rows(3, 0.1, -0.05);
  const std::vector<std::string> open = bench_answer(summarise_bench(rows), half_size());
  EXPECT_THAT(open, Contains(HasSubstr("the interval holds 0, so the rule may be as good")));
}

TEST(BenchSummary, TableHasALineForEachCriterion) {
  const std::string table = bench_table(summarise_bench(bench_rows(7, 0.1, 0.1)), half_size());
  EXPECT_THAT(table, HasSubstr("7 recorded neurons, as cut\none-shot"));
  EXPECT_THAT(table, HasSubstr("\nmethod's rule              0.800 ("));
  EXPECT_THAT(table, HasSubstr("\nTaylor, first order        0.900 (+0.100 to +0.100)"));
}

TEST(BenchPlot, NamesEveryLineAndHoldsOnlyNumbers) {
  std::vector<BenchRow> rows = bench_rows(4, 0.1, 0.1);
  for (const Criterion& criterion : all_criteria()) {
    for (int64_t n = 0; n < 4; ++n) rows.push_back(bench_row(n, criterion.name, 0.3, 1));
  }
  const TemporaryFolder folder;
  const std::string svg = bench_plot(summarise_bench(rows), half_size(), "a title");
  write_drawing(folder / "plot.svg", svg);  // refuses what is no number
  for (const Criterion& criterion : all_criteria()) {
    const std::string title = criterion.title;
    // An apostrophe is escaped.
    EXPECT_THAT(svg, HasSubstr(title.substr(title.find('\'') == std::string::npos ? 0 : 8)));
  }
}

TEST(BenchRows, AreWhatTheyWereWhenReadAgain) {
  const TemporaryFolder folder;
  BenchRow row = bench_row(3, "taylor", 0.125);
  row.matched = 0.5;
  row.same_as_run = false;
  row.outcomes[kRetrained] = {.r2 = 0.75, .carried = 0.25};
  {
    BenchFile file(folder / "rows.json", {{"step", 0.25}});
    file.add(row);
  }
  const BenchFile file(folder / "rows.json", {{"step", 0.25}});
  const BenchRow* const read = file.find(row.key);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(to_json(*read), to_json(row));
  BenchKey other = row.key;
  other.seed = 7;
  EXPECT_EQ(file.find(other), nullptr);
  expect_refused(
      [&] {
        BenchFile(folder / "rows.json", {{"step", 0.5}});
      },
      "with other step", ErrorKind::kUsage);
  write_file_atomically(folder / "rows.json", "{\"settings\": {\"step\": 0.25}, \"rows\": [{}]}");
  expect_refused([&] { BenchFile(folder / "rows.json", {{"step", 0.25}}); }, "run");
}

}  // namespace
}  // namespace secateur
