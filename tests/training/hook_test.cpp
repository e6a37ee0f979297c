#include "training/hook.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"
#include "tests/training/small_problem.h"

namespace secateur {
namespace {

// Calls a hook as the loop would, with steps of 4 images; the model's readout bias tells the step.
struct Loop {
  Model model{small_student(), 1};
  StepContext context{.model = model,
                      .step = 0,
                      .total_steps = 100,
                      .images_seen = 0,
                      .loss = 0,
                      .learning_rate = 0};

  void step(Hook& hook) {
    ++context.step;
    context.images_seen += 4;
    model.tensor("readout.bias")[0] = static_cast<float>(context.step);
    hook.after_step(context);
  }
};

TEST(EarlyStopping, RestoresTheBestAndStopsAfterPatience) {
  const std::vector<double> scores = {0.1, 0.5, 0.3, 0.5, 0.4, 0.9};
  std::vector<std::pair<int64_t, double>> reports;
  size_t next = 0;
  const auto hook = early_stopping_hook(
      {.every_steps = 3, .patience = 3}, [&](const Model&) { return scores[next++]; },
      [&](int64_t step, double score) { reports.emplace_back(step, score); });
  Loop loop;
  while (!loop.context.stop && loop.context.step < 100) loop.step(*hook);
  // The best is at step 6; as good as it is not better; the third without a new best is step 15.
  EXPECT_EQ(loop.context.step, 15);
  EXPECT_EQ(reports, (std::vector<std::pair<int64_t, double>>{
                         {3, 0.1}, {6, 0.5}, {9, 0.3}, {12, 0.5}, {15, 0.4}}));
  hook->at_end(loop.context);
  EXPECT_EQ(loop.model.tensor("readout.bias")[0], 6);
}

TEST(EarlyStopping, WithoutPatienceNeverStops) {
  const auto hook =
      early_stopping_hook({.every_steps = 1, .patience = 0, .restore_best = false},
                          [](const Model& m) { return -m.tensor("readout.bias")[0]; }, {});
  Loop loop;
  for (int i = 0; i < 50; ++i) loop.step(*hook);
  EXPECT_FALSE(loop.context.stop);
  hook->at_end(loop.context);
  EXPECT_EQ(loop.model.tensor("readout.bias")[0], 50);  // the best was the first: not asked for
}

TEST(EarlyStopping, LooksAtTheLastStep) {
  int evaluations = 0;
  const auto hook = early_stopping_hook({.every_steps = 1000},
                                        [&](const Model&) { return double(++evaluations); }, {});
  Loop loop;
  for (int i = 0; i < 100; ++i) loop.step(*hook);
  EXPECT_EQ(evaluations, 1);
}

TEST(EarlyStopping, CarriesItsStateOver) {
  const EarlyStopping options{.every_steps = 1, .patience = 3};
  const auto score = [](const Model& m) { return -m.tensor("readout.bias")[0]; };
  const auto first = early_stopping_hook(options, score, {});
  Loop loop;
  for (int i = 0; i < 3; ++i) loop.step(*first);
  const auto second = early_stopping_hook(options, score, {});
  const auto state = nlohmann::json::parse(first->state().dump());
  second->restore_state(JsonField(state, "test", ""));
  second->restore_tensors(first->tensors());
  loop.step(*second);
  EXPECT_TRUE(loop.context.stop);
  second->at_end(loop.context);
  EXPECT_EQ(loop.model.tensor("readout.bias")[0], 1);
}

// Of steps of 4 images, those that pass another 10: at 12, 20, 32, 40.
TEST(SmoothingHook, SmoothsEachTimeEnoughImagesWereSeen) {
  const auto hook = smoothing_hook(10, 0.5);
  Loop loop;
  std::vector<int64_t> smoothed;
  for (int i = 0; i < 10; ++i) {
    const Tensor before = loop.model.tensor("layer1.depthwise.weight").clone();
    loop.step(*hook);
    if (!same_bits(before, loop.model.tensor("layer1.depthwise.weight"))) {
      smoothed.push_back(loop.context.images_seen);
    }
  }
  EXPECT_EQ(smoothed, (std::vector<int64_t>{12, 20, 32, 40}));
}

TEST(Hooks, RefuseIntervalsBelowOne) {
  expect_refused([] { smoothing_hook(0, 0.5); }, "at least 1 image, got 0");
  expect_refused([] { early_stopping_hook({.every_steps = 0}, {}, {}); }, "at least 1 step, got 0");
}

}  // namespace
}  // namespace secateur
