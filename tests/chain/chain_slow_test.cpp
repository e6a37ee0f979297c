// The chain as a library: run, watched and stopped by a caller of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "chain/chain.h"
#include "chain/lineage_log.h"
#include "formats/input_file.h"
#include "provenance/manifest.h"
#include "tests/chain/tiny_recipe.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// Remembers what it is told, and stops when it is asked for the n-th time.
class Listener : public ChainObserver {
 public:
  explicit Listener(int64_t most = -1) : most_(most) {}
  bool stop() override { return ++asked_ == most_; }
  void progress(const Progress& now) override { works_.insert(now.what); }
  void say(const std::string& sentence) override { sentences_.push_back(sentence); }
  void point(const CurvePoint& point) override { points_.push_back(point); }

  int64_t asked_ = 0;
  std::set<std::string> works_;
  std::vector<std::string> sentences_;
  std::vector<CurvePoint> points_;

 private:
  int64_t most_;
};

// Every file that does not speak of time.
std::map<std::string, std::string> content(const fs::path& root) {
  std::map<std::string, std::string> files;
  for (const ManifestFile& file : files_below(root, root)) {
    if (file.name == "timings.json" || file.name == ".lock") continue;
    if (file.name.starts_with("checkpoints/") && !file.name.starts_with("checkpoints/kept/")) {
      continue;
    }
    files[file.name] = read_file(file.path, 1 << 28);
  }
  return files;
}

TEST(Chain, TellsItsObserverAndLeavesARun) {
  const TemporaryFolder folder;
  Listener listener;
  const RunDirectory run = RunDirectory::create(folder / "run");
  const nlohmann::json results = run_chain(run, tiny_recipe(), listener);
  EXPECT_EQ(results["neurons"].size(), 1u);
  EXPECT_TRUE(results["summary"]["neurons"][0].contains("minutes"));
  for (const char* file : {"config.toml", "lineage.json", "run.json", "results.json",
                           "models/oriented_edge_compact.secateur"}) {
    EXPECT_TRUE(fs::exists(run.file(file))) << file;
  }
  EXPECT_THAT(listener.works_, testing::IsSupersetOf({"teacher member 1 of 1", "teacher labels",
                                                      "distill oriented edge",
                                                      "retrain oriented edge", "evaluate"}));
  EXPECT_THAT(listener.sentences_, testing::Contains(testing::HasSubstr("prune oriented edge:")));
  EXPECT_EQ(std::count_if(listener.points_.begin(), listener.points_.end(),
                          [](const CurvePoint& point) { return point.stage == "distill"; }),
            4);  // 20 steps, one point every 5
}

// Stopped again and again, a little later each time, it comes to the same files.
TEST(Chain, IsStoppedAnywhereAndGoesOn) {
  const TemporaryFolder folder;
  Listener whole;
  run_chain(RunDirectory::create(folder / "whole"), tiny_recipe(), whole);
  ASSERT_GT(whole.asked_, 40);
  RunDirectory::create(folder / "stopped").write_config(tiny_recipe());
  int stops = 0;
  for (bool done = false; !done; ++stops) {
    ASSERT_LT(stops, 60);
    const RunDirectory run = RunDirectory::open(folder / "stopped");
    Listener listener(5 + stops * whole.asked_ / 12);
    try {
      run_chain(run, tiny_recipe(), listener);
      done = true;
    } catch (const Stopped&) {
    }
  }
  EXPECT_GT(stops, 4);
  EXPECT_EQ(content(folder / "stopped"), content(folder / "whole"));
}

TEST(Chain, StopsBehindAStage) {
  const TemporaryFolder folder;
  Listener listener;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run_stages(run, tiny_recipe(), listener, "distill");
  EXPECT_TRUE(fs::exists(run.model("oriented_edge_student.safetensors")));
  EXPECT_FALSE(fs::exists(run.model("oriented_edge_pruned.safetensors")));
  expect_refused([&] { run_stages(run, tiny_recipe(), listener, "brew"); }, "there is no stage",
                 ErrorKind::kUsage);
}

// The lineage of a core, also where the run ends behind the students: each stage with its inputs,
// and nothing read that no stage made.
TEST(Chain, RecordsACoreAndWhatReadsIt) {
  const TemporaryFolder folder;
  Recipe recipe = tiny_recipe();
  recipe.core = {.filters = {4, 4, 4, 4, 4}, .images = 64, .batch = 8};
  recipe.distill.images = 0;
  Listener listener;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run_stages(run, recipe, listener, "distill");
  const Lineage lineage = read_lineage(run.file("lineage.json"));
  EXPECT_THAT(broken_links(lineage), testing::IsEmpty());
  const auto core = std::find_if(lineage.stages.begin(), lineage.stages.end(),
                                 [](const StageRecord& stage) { return stage.stage == "core"; });
  ASSERT_NE(core, lineage.stages.end());
  EXPECT_EQ(core->makes.front().name, "models/core.safetensors");
  const auto& read = lineage.stages.back().reads;
  EXPECT_TRUE(std::any_of(read.begin(), read.end(), [](const FileDigest& file) {
    return file.name == "models/core.safetensors";
  }));
}

TEST(Chain, GoesOnOnlyAsItWasBegun) {
  const TemporaryFolder folder;
  Listener listener;
  const RunDirectory run = RunDirectory::create(folder / "run");
  run_stages(run, tiny_recipe(), listener, "labels");
  Recipe other = tiny_recipe();
  other.seed = 2;
  other.run.checkpoint_seconds = 7;  // belongs to the machine, not to the run
  expect_refused([&] { run_chain(run, other, listener); },
                 "goes on with the settings it was begun with: seed is 2, the run was made with 1",
                 ErrorKind::kUsage);
}

}  // namespace
}  // namespace secateur
