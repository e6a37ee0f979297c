// The table of stages: that what one makes the next can read, and that names mean one thing.

#include "chain/stage_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/chain/tiny_recipe.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names_of(const std::vector<StageTurn>& turns) {
  std::vector<std::string> names;
  for (const StageTurn& turn : turns) {
    names.push_back(turn.stage->name +
                    (turn.stage->scope == Scope::kNeuron ? std::to_string(turn.target) : ""));
  }
  return names;
}

bool fits(const std::string& name, const std::string& pattern) {
  return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                : name == pattern;
}

TEST(StageTable, NamesAreUnique) {
  std::set<std::string> names, products;
  for (const Stage& stage : stage_table()) {
    EXPECT_TRUE(names.insert(stage.name).second) << stage.name;
    EXPECT_TRUE(products.insert(stage.product).second) << stage.product;
  }
}

TEST(StageTable, AStageReadsOnlyWhatThoseBeforeItMake) {
  std::vector<std::string> made;
  for (const Stage& stage : stage_table()) {
    for (const std::string& name : filled_in(stage.reads, "{label}")) {
      if (name == "input:*" || name == "models/*") continue;
      const bool found =
          std::any_of(made.begin(), made.end(), [&](const auto& one) { return fits(one, name); });
      EXPECT_TRUE(found) << stage.name << " reads " << name;
    }
    for (const std::string& name : filled_in(stage.makes, "{label}")) made.push_back(name);
  }
}

TEST(StageTable, AStageOfANeuronSaysWhenItIsDone) {
  for (const Stage* stage : network_stages()) {
    EXPECT_TRUE(done_file(*stage, "a").starts_with("models/a_" + stage->product)) << stage->name;
  }
}

TEST(StageTable, KeptStatesCanBeRead) {
  for (const Stage& stage : stage_table()) {
    EXPECT_EQ(stage.kept.empty(), stage.read_state == nullptr) << stage.name;
    if (!stage.kept.empty()) {
      const std::string label = stage.scope == Scope::kRun ? stage.name : "{label}";
      EXPECT_THAT(stage.makes, testing::Contains("checkpoints/kept/" + label + "_" +
                                                 stage.kept.front() + "_*?"));
    }
  }
}

TEST(Turns, GoNeuronByNeuronBetweenWhatIsDoneOnce) {
  Recipe recipe = tiny_recipe();
  EXPECT_THAT(names_of(turns_of(recipe, 2)),
              ElementsAre("plan", "teacher", "labels", "distill0", "prune0", "retrain0",
                          "compress0", "distill1", "prune1", "retrain1", "compress1", "evaluate"));
  recipe.core.images = 64;
  recipe.teacher = {"a.keras"};
  EXPECT_THAT(names_of(turns_of(recipe, 1, "distill")),
              ElementsAre("plan", "labels", "core", "distill0"));
  expect_refused([&] { turns_of(recipe, 1, "destill"); }, "there is no stage 'destill'",
                 ErrorKind::kUsage);
}

TEST(KeptStatesOf, AreFoundUnderFormerNamesToo) {
  const TemporaryFolder folder;
  const RunDirectory run = RunDirectory::create(folder / "run");
  const Stage& prune = stage_named("prune");
  EXPECT_THAT(kept_states_of(prune, run, "n"), IsEmpty());
  std::ofstream(kept_state(run.kept_states(), "n_cuts", 3));
  EXPECT_EQ(kept_states_of(prune, run, "n").begin()->first, 3);
  std::ofstream(kept_state(run.kept_states(), "n_prune", 4));
  EXPECT_EQ(kept_states_of(prune, run, "n").begin()->first, 4);
}

}  // namespace
}  // namespace secateur
