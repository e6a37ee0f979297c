#include "chain/budget_account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "tensor/error.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using nlohmann::json;

std::vector<std::string> settings_in(const json& account) {
  std::vector<std::string> keys;
  for (const json& one : account.at("settings")) keys.push_back(one.at("setting"));
  return keys;
}

TEST(BudgetAccount, HasTheRecipesNumbersAndTheChosenOnes) {
  Recipe recipe;
  recipe.budget = "90s";
  recipe.trunk = {"a.keras"};
  Recipe resolved = recipe;
  resolved.distill.images = 6400;
  resolved.retrain.images = 3200;
  const json account = budget_account(recipe, resolved);
  EXPECT_EQ(account["minutes"], 1.5);
  EXPECT_THAT(settings_in(account),
              testing::ElementsAre("teacher_training.fine_tune", "teacher_training.fine_tune_steps",
                                   "distill.images", "distill.variants", "retrain.images"));
  EXPECT_EQ(account["settings"][2],
            json({{"setting", "distill.images"}, {"recipe", 100000}, {"chosen", 6400}}));
  EXPECT_EQ(budget_sentence("90s", account),
            "budget 90s: teacher_training.fine_tune=\"auto\" (as in the recipe), "
            "teacher_training.fine_tune_steps=200 (as in the recipe), distill.images=6400 (the "
            "recipe has 100000), distill.variants=4 (as in "
            "the recipe), retrain.images=3200 (the recipe has 100000)");
}

// What a run does not read is not told.
TEST(BudgetAccount, IsOfWhatTheRunReads) {
  Recipe recipe;
  recipe.budget = "1h";
  EXPECT_EQ(settings_in(budget_account(recipe, recipe)).front(), "teacher_training.steps");
  EXPECT_THAT(settings_in(budget_account(recipe, recipe, "teacher")),
              testing::ElementsAre("teacher_training.steps", "teacher_training.epochs"));
  recipe.teacher = {"b.keras"};
  recipe.core.images = 1;
  recipe.prune.criterion = "response";
  EXPECT_THAT(settings_in(budget_account(recipe, recipe)),
              testing::ElementsAre("core.images", "distill.images", "distill.variants",
                                   "prune.step", "prune.tune_images", "retrain.images"));
}

// In timings.json, so that a run that goes on still has it.
TEST(BudgetAccount, IsKeptAndSummedUp) {
  const TemporaryFolder run;
  EXPECT_TRUE(budget_summary(read_timings(run.path())).is_null());
  Recipe recipe;
  recipe.budget = "2min";
  recipe.trunk = {"a.keras"};  // of its settings one is a word
  const json account = budget_account(recipe, recipe);
  keep_budget(run.path(), account);
  add_seconds(run.path(), "", 60);
  add_seconds(run.path(), "a", 15);
  add_seconds(run.path(), "b", 15);
  const json summary = budget_summary(read_timings(run.path()));
  EXPECT_EQ(summary["minutes_planned"], 2);
  EXPECT_EQ(summary["minutes_taken"], 1.5);
  EXPECT_EQ(summary["settings"], account["settings"]);

  write_file_atomically(run / "timings.json",
                        R"({"shared_seconds": 1, "neuron_seconds": {}, "budget": {"minutes": 1,
                            "settings": [{"setting": "a", "recipe": [1], "chosen": 1}]}})");
  try {
    read_timings(run.path());
    ADD_FAILURE() << "a budget without numbers was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("wanted a number for"));
  }
}

}  // namespace
}  // namespace secateur
