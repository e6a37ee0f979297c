// A teacher on a given core, trained further, as a run makes it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "chain/chain.h"
#include "chain/fine_tuning.h"
#include "chain/teacher_scores.h"
#include "formats/input_file.h"
#include "formats/npy.h"
#include "model_files/model_files.h"
#include "tensor/json_text.h"
#include "tests/chain/tiny_recipe.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

class FineTuning : public testing::Test {
 protected:
  void SetUp() override {
    const Architecture core = student_architecture({4, 4, 4, 4, 4}, {.height = 32, .width = 32});
    write_model(folder_ / "core.safetensors", Model(core, 3));
    recipe_ = tiny_recipe();
    recipe_.trunk = {(folder_ / "core.safetensors").string()};
    recipe_.teacher_training.fine_tune = "always";
    recipe_.teacher_training.fine_tune_steps = 30;
    recipe_.teacher_training.fine_tune_learning_rate = 1e-2;
  }

  RunDirectory teacher(const std::string& name, const Recipe& recipe) {
    RunDirectory run = RunDirectory::create(folder_ / name);
    run_stages(run, recipe, nobody_, "teacher");
    return run;
  }

  nlohmann::json scores_of(const RunDirectory& run) {
    return parse_json(read_file(run.file(kTeacherScores), 1 << 24), "scores");
  }

  TemporaryFolder folder_;
  Recipe recipe_;
  ChainObserver nobody_;
};

TEST_F(FineTuning, IsKeptAndSaid) {
  const RunDirectory run = teacher("tuned", recipe_);
  const nlohmann::json scores = scores_of(run);
  const nlohmann::json& tuning = scores.at("fine_tuning").at(0);
  ASSERT_TRUE(tuning.at("kept").get<bool>()) << scores.dump();
  EXPECT_GT(tuning.at("mean_r2"), tuning.at("mean_r2_readout"));
  EXPECT_EQ(tuning.at("images"), 19);
  // The teacher is scored by the images that decided, and by no others.
  EXPECT_EQ(scores.at("images"), 19);
  const Tensor held_out = read_npy_tensor(run.file(held_out_file(0)));
  EXPECT_TRUE(std::isnan(held_out[76]));
  EXPECT_FALSE(std::isnan(held_out[77]));
  const Model member = read_model(run.model(teacher_member(0)));
  EXPECT_EQ(member.metadata.at("fine_tuning"), tuning);
  EXPECT_EQ(member.architecture().readout.kind, ReadoutKind::kFactorised);
  EXPECT_FALSE(MetricsLog(run.root()).rows().empty());
  EXPECT_FALSE(same_bits(member.tensor("layer1.pointwise.weight"),
                         read_model(recipe_.trunk[0]).tensor("layer1.pointwise.weight")));
}

TEST_F(FineTuning, IsLeftOut) {
  recipe_.teacher_training.fine_tune = "auto";  // of 96 images
  const RunDirectory run = teacher("few", recipe_);
  EXPECT_TRUE(scores_of(run).at("fine_tuning").is_null());
  EXPECT_EQ(scores_of(run).at("images"), 96);
  recipe_.teacher_training.fine_tune = "always";
  recipe_.teacher_training.fine_tune_learning_rate = 10;
  recipe_.teacher_training.fine_tune_steps = 2;
  const RunDirectory ruined = teacher("ruined", recipe_);
  EXPECT_FALSE(scores_of(ruined).at("fine_tuning").at(0).at("kept").get<bool>());
  EXPECT_EQ(scores_of(ruined).at("images"), 96);
  const Tensor kept = read_model(ruined.model(teacher_member(0))).tensor("readout.weight");
  EXPECT_TRUE(same_bits(kept, read_model(run.model(teacher_member(0))).tensor("readout.weight")));
}

TEST_F(FineTuning, WantsACore) {
  Recipe none = recipe_;
  none.trunk.clear();
  expect_refused([&] { resolve(none, nobody_); }, "fine_tune=always: wanted trunk=FILE",
                 ErrorKind::kUsage);
  Recipe sometimes = recipe_;
  sometimes.teacher_training.fine_tune = "sometimes";
  expect_refused([&] { resolve(sometimes, nobody_); },
                 "teacher_training.fine_tune wants auto or always or never, got 'sometimes'",
                 ErrorKind::kUsage);
}

TEST_F(FineTuning, IsPlannedFor) {
  const Subject subject = make_subject(recipe_);
  Recipe rich = recipe_;
  EXPECT_GT(plan_fine_tuning(rich, subject, 1e4), 0);
  EXPECT_EQ(rich.teacher_training.fine_tune_steps, 30);
  Recipe poor = recipe_;
  const double cost = plan_fine_tuning(poor, subject, 0.025);
  EXPECT_LT(poor.teacher_training.fine_tune_steps, 30);
  EXPECT_LE(cost, 0.1);
  Recipe never = recipe_;
  never.teacher_training.fine_tune = "never";
  EXPECT_EQ(plan_fine_tuning(never, subject, 1e4), 0);
}

// Counts are never below 0; a recording of differences may be.
TEST_F(FineTuning, APoissonLossTrainsATeacherOfTheRecordingsScale) {
  recipe_.trunk.clear();
  recipe_.teacher_training.fine_tune = "auto";
  recipe_.teacher_training.loss = "poisson";
  recipe_.teacher_training.steps = 60;
  const RunDirectory run = teacher("poisson", recipe_);
  const Subject subject = make_subject(recipe_);
  const Model member = read_model(run.model(teacher_member(0)));
  const Readout& readout = member.architecture().readout;
  double mean = 0;
  for (int64_t i = 0; i < 96; ++i) mean += subject.teacher_recording->mean_at(0, i) / 96;
  EXPECT_NEAR(readout.offset[0], mean, 1e-9);
  EXPECT_NEAR(readout.gain[0], mean, 1e-9);
  auto below = std::make_shared<Recording>(*subject.teacher_recording);
  below->mean[3] = -1;
  Subject other;
  expect_refused(
      [&] {
        set_teacher_target(recipe_, below, {0, 96}, other);
      },
      "teacher_training.loss=poisson wants responses of at least 0, neuron 0",
      ErrorKind::kBadInput);
}

}  // namespace
}  // namespace secateur
