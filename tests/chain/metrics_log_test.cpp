#include "chain/metrics_log.h"

#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"

namespace secateur {
namespace {

CurvePoint row(const std::string& stage, const std::string& neuron, int64_t step) {
  return {.stage = stage,
          .neuron = neuron,
          .step = step,
          .images = 64 * step,
          .loss = 1.0 / static_cast<double>(step + 2),
          .learning_rate = 1e-3 / 3,
          .r2_validation = 0.1 * 3};
}

std::string lines(const TemporaryFolder& folder, const char* name) {
  return read_file(folder / name, 1 << 20);
}

TEST(MetricsLog, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  {
    MetricsLog log(folder.path());
    EXPECT_TRUE(log.rows().empty());
    log.set("distill", "n0", {row("distill", "n0", 1), row("distill", "n0", 2)});
  }
  const std::string jsonl = lines(folder, "metrics.jsonl");
  const std::string csv = lines(folder, "metrics.csv");
  MetricsLog again(folder.path());
  ASSERT_EQ(again.rows().size(), 2u);
  EXPECT_EQ(again.rows()[1].loss, 0.25);
  EXPECT_EQ(again.rows()[1].learning_rate, 1e-3 / 3);
  again.set("distill", "n0", {again.rows()[0], again.rows()[1]});
  EXPECT_EQ(lines(folder, "metrics.jsonl"), jsonl);
  EXPECT_EQ(lines(folder, "metrics.csv"), csv);
  EXPECT_TRUE(
      csv.starts_with("stage,neuron,step,images,loss,learning_rate,r2_validation\n"
                      "distill,n0,1,64,"));
}

TEST(MetricsLog, ReplacesTheRowsOfAStageAndNeuronOnly) {
  const TemporaryFolder folder;
  MetricsLog log(folder.path());
  log.set("distill", "n0", {row("distill", "n0", 1), row("distill", "n0", 2)});
  log.set("distill", "n1", {row("distill", "n1", 1)});
  log.set("retrain", "n0", {row("retrain", "n0", 1)});
  log.set("distill", "n0", {row("distill", "n0", 7)});
  std::vector<std::string> rows;
  for (const CurvePoint& r : log.rows()) {
    rows.push_back(fmt::format("{} {} {}", r.stage, r.neuron, r.step));
  }
  EXPECT_EQ(rows, (std::vector<std::string>{"distill n1 1", "retrain n0 1", "distill n0 7"}));
  EXPECT_EQ(MetricsLog(folder.path()).rows().size(), 3u);
}

TEST(MetricsLog, ADamagedFileIsRefused) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "metrics.jsonl", "{\"stage\": \"distill\"}\n");
  expect_refused([&] { MetricsLog log(folder.path()); },
                 "metrics.jsonl: line 1: wanted a text for neuron, got nothing");
  write_file_atomically(folder / "metrics.jsonl", "{\"stage\": ");
  expect_refused([&] { MetricsLog log(folder.path()); },
                 "metrics.jsonl: line 1 is not valid JSON at byte");
}

// Steps with loss 1, 2, 3, ...: a row every three and at the end, with the mean since the last row.
TEST(MetricsHook, AveragesTheLossAndCarriesItsRowsOver) {
  const TemporaryFolder folder;
  MetricsLog log(folder.path());
  Model model(small_student(), 1);
  StepContext context{
      .model = model, .step = 0, .total_steps = 8, .images_seen = 0, .loss = 0, .learning_rate = 0};
  const auto score = [](const Model&) { return 0.5; };
  ChainObserver observer;
  auto hook = metrics_hook(log, observer, "distill", "n0", 3, score);
  for (int i = 1; i <= 8; ++i) {
    if (i == 5) {  // resumed in a new hook; the log knows a row that the checkpoint does not
      const nlohmann::json state = nlohmann::json::parse(hook->state().dump());
      std::vector<CurvePoint> beyond = log.rows();
      beyond.push_back(row("distill", "n0", 6));
      log.set("distill", "n0", beyond);
      hook = metrics_hook(log, observer, "distill", "n0", 3, score);
      hook->restore_state(JsonField(state, "test", ""));
      EXPECT_EQ(log.rows().size(), 1u);
    }
    context.step = i;
    context.images_seen = 4 * i;
    context.loss = i;
    hook->after_step(context);
  }
  ASSERT_EQ(log.rows().size(), 3u);
  EXPECT_EQ(log.rows()[0].loss, 2);
  EXPECT_EQ(log.rows()[1].loss, 5);
  EXPECT_EQ(log.rows()[2].loss, 7.5);
  EXPECT_EQ(log.rows()[2].step, 8);
  EXPECT_EQ(log.rows()[2].images, 32);
}

}  // namespace
}  // namespace secateur
