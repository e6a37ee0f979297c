#include "training/member.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "data/image_batches.h"
#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

// Responses that follow the brightness of the images, one neuron up, one down, with gaps.
SessionData session(const std::string& name, int64_t neurons, uint64_t seed, float sign = 1) {
  const SmallProblem problem(16, 1, seed);
  SessionData data{.session = name, .set = problem.set, .responses = Tensor(Shape{16, neurons})};
  for (int64_t i = 0; i < 16 * neurons; ++i) {
    const float up = i % neurons % 2 == 0 ? sign : -sign;
    data.responses[i] =
        i % 11 == 5 ? std::nanf("") : up * problem.brightness[static_cast<size_t>(i / neurons)];
  }
  return data;
}

MemberOptions member_options() {
  return {.architecture = small_member(2),
          .seed = 5,
          .epochs = 2,
          .batch = 4,
          .optimiser = "adam",
          .learning_rate = 5e-3,
          .readout_passes = 2,
          .loader_threads = 0,
          .key = "key"};
}

Model train_member(const std::vector<SessionData>& sessions, const MemberOptions& options) {
  Observer nobody;
  return train_member(sessions, options, nobody);
}

void expect_resumes(const std::vector<SessionData>& sessions, const MemberOptions& given) {
  const Model wanted = train_member(sessions, given);
  const TemporaryFolder folder;
  MemberOptions options = given;
  options.checkpoint_folder = folder.path();
  int interruptions = 0;
  for (;;) {
    Watching stopping(3);  // counted over the visits
    try {
      EXPECT_TRUE(same_tensors(train_member(sessions, options, stopping), wanted));
      break;
    } catch (const Stopped&) {
      ASSERT_LT(++interruptions, 100);
    }
  }
  EXPECT_GE(interruptions, 2);
  // Finished visits are taken, not made again.
  Watching watching;
  EXPECT_TRUE(same_tensors(train_member(sessions, options, watching), wanted));
  EXPECT_TRUE(watching.heard.empty());
  options.key = "another key";
  expect_refused([&] { train_member(sessions, options); }, "belongs to another run",
                 ErrorKind::kUsage);
}

double loss_in(const Progress& progress) {
  return std::stod(progress.detail.substr(progress.detail.rfind(' ')));
}

TEST(TrainMember, LearnsASingleSession) {
  const std::vector<SessionData> sessions = {session("a", 3, 1)};
  MemberOptions options = member_options();
  options.target_steps = 80;
  options.readout_start = 1;  // of four channels' worth of features
  Watching watching;
  const Model model = train_member(sessions, options, watching);
  EXPECT_EQ(watching.heard.size(), 80u);
  EXPECT_EQ(model.architecture().readout.outputs, 3);
  EXPECT_LE(loss_in(watching.heard.back()), 0.5 * loss_in(watching.heard.front()));
}

// With images held out training ends when they are not explained better any more, and the best
// weights are the model's.
TEST(TrainMember, StopsByTheImagesHeldOut) {
  SessionData data = session("a", 3, 1);
  const SessionData other = session("b", 3, 2);
  data.held_out = ImageSourcePtr(other.set, &other.set->images());
  data.held_out_responses = other.responses;
  MemberOptions options = member_options();
  options.target_steps = 400;
  options.score_every_steps = 4;
  options.patience = 3;
  std::vector<double> scores;
  const auto scored = [&](const Model& model) {
    return mean_r2(respond_to_all(Predictor(model), *data.held_out, kSquareInput.mean),
                   data.held_out_responses);
  };
  options.curve = [&](const Score& score) {
    return early_stopping_hook({.every_steps = 4}, score,
                               [&](int64_t, double value) { scores.push_back(value); });
  };
  const Model model = train_member({data}, options);
  ASSERT_GE(scores.size(), 4u);
  EXPECT_LT(scores.size(), 100u);
  const auto best = std::max_element(scores.begin(), scores.end());
  EXPECT_EQ(scores.end() - best, 4);
  EXPECT_EQ(scored(model), *best);
}

TEST(TrainMember, MeanR2LeavesOutWhatIsMissing) {
  const Tensor recorded = Tensor::of({3, 2}, {1, 5, 2, NAN, 4, NAN});
  const Tensor responses = Tensor::of({3, 2}, {3, 1, 5, 2, 9, 3});
  EXPECT_DOUBLE_EQ(mean_r2(responses, recorded), 0.5);
}

TEST(TrainMember, MakesTheStepsOfItsEpochs) {
  const auto steps_of = [](const std::vector<SessionData>& sessions, const MemberOptions& options) {
    Watching watching;
    train_member(sessions, options, watching);
    expect_runs_to_the_end(watching.heard, "teacher");
    std::map<std::string, int64_t> steps;  // by visit
    for (const Progress& p : watching.heard) ++steps[p.detail.substr(0, p.detail.find("loss"))];
    return steps;
  };
  // 16 images in batches of 4; epoch e makes e + 1 passes; then two passes for the readout.
  EXPECT_EQ(steps_of({session("a", 2, 1)}, member_options()),
            (std::map<std::string, int64_t>{{"", 12}}));
  // A pass is over the images, however many variants of them there are.
  SessionData varied = session("a", 2, 1);
  varied.set = SmallProblem(16, 3, 1).set;
  EXPECT_EQ(steps_of({varied}, member_options()), (std::map<std::string, int64_t>{{"", 12}}));
  EXPECT_EQ(
      steps_of({session("a", 2, 1), session("b", 3, 2), session("t", 2, 3)}, member_options()),
      (std::map<std::string, int64_t>{{"visit 1 of 5, ", 4},
                                      {"visit 2 of 5, ", 4},
                                      {"visit 3 of 5, ", 8},
                                      {"visit 4 of 5, ", 8},
                                      {"visit 5 of 5, ", 8}}));
}

TEST(TrainMember, StopsBehindAnyStep) {
  const std::vector<SessionData> sessions = {session("a", 2, 1), session("t", 2, 3)};
  // All steps but the last of each of the three visits.
  expect_stops_anywhere(
      [&](Observer& observer) { train_member(sessions, member_options(), observer); },
      4 + 8 + 8 - 3);
}

TEST(TrainMember, ASingleSessionResumesBitForBit) {
  expect_resumes({session("a", 2, 1)}, member_options());
}

TEST(TrainMember, SeveralSessionsResumeBitForBit) {
  expect_resumes({session("a", 2, 1), session("b", 3, 2), session("t", 2, 3)}, member_options());
}

TEST(TrainMember, TheTargetSessionFitsItsReadoutOnly) {
  const SessionData other = session("a", 3, 1);
  const Model up = train_member({other, session("t", 2, 3, 1)}, member_options());
  const Model down = train_member({other, session("t", 2, 3, -1)}, member_options());
  const Model untrained(small_member(2), 5);
  for (const ParameterSpec& spec : up.specs()) {
    const bool readout = spec.name.starts_with("readout.");
    EXPECT_EQ(same_bits(up.tensor(spec.name), down.tensor(spec.name)), !readout) << spec.name;
  }
  EXPECT_FALSE(
      same_bits(up.tensor("core0.pointwise.weight"), untrained.tensor("core0.pointwise.weight")));
}

TEST(TrainMember, TheTargetSessionThenTrainsTheWhole) {
  const SessionData other = session("a", 3, 1);
  MemberOptions options = member_options();
  options.target_steps = 8;
  const Model up = train_member({other, session("t", 2, 3, 1)}, options);
  const Model down = train_member({other, session("t", 2, 3, -1)}, options);
  EXPECT_FALSE(
      same_bits(up.tensor("core0.pointwise.weight"), down.tensor("core0.pointwise.weight")));
  // From the readout that was fitted on the fixed trunk: a step of Adam is about the learning rate.
  const std::vector<SessionData> sessions = {other, session("t", 2, 3)};
  options.target_steps = 0;
  const Model fitted = train_member(sessions, options);
  options.target_steps = 1;
  const Model stepped = train_member(sessions, options);
  const Tensor& before = fitted.tensor("readout.mixing.weight");
  const Tensor& after = stepped.tensor("readout.mixing.weight");
  EXPECT_FALSE(same_bits(before, after));
  for (int64_t i = 0; i < before.numel(); ++i) {
    EXPECT_NEAR(before[i], after[i], 1.1 * options.learning_rate) << i;
  }
}

TEST(TrainMember, SeveralSessionsThenTheWholeResumeBitForBit) {
  MemberOptions options = member_options();
  options.target_steps = 8;
  expect_resumes({session("a", 2, 1), session("t", 2, 3)}, options);
}

TEST(TrainMember, MembersDifferBySeed) {
  const std::vector<SessionData> sessions = {session("a", 2, 1)};
  MemberOptions options = member_options();
  const Model first = train_member(sessions, options);
  EXPECT_TRUE(same_tensors(train_member(sessions, options), first));
  ++options.seed;
  EXPECT_FALSE(same_tensors(train_member(sessions, options), first));
}

TEST(TrainMember, WantsASession) {
  expect_refused([] { train_member({}, member_options()); }, "at least one session");
}

}  // namespace
}  // namespace secateur
