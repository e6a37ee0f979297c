#include "training/member.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/formats/expect_refused.h"
#include "tests/training/small_problem.h"
#include "tests/temporary_folder.h"

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

MemberOptions small_options() {
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

// Preempts after so many steps in all, counted over the parts.
FitCallbacks stopping_after(int64_t& steps_left) {
  return {.preempted = [&steps_left] { return --steps_left <= 0; }};
}

void expect_resumes(const std::vector<SessionData>& sessions, const MemberOptions& given) {
  const MemberResult wanted = train_member(sessions, given, {});
  EXPECT_EQ(wanted.end, FitEnd::kDone);
  const TemporaryFolder folder;
  MemberOptions options = given;
  options.checkpoint_folder = folder.path();
  int interruptions = 0;
  for (;;) {
    int64_t steps_left = 3;
    const MemberResult result = train_member(sessions, options, stopping_after(steps_left));
    if (result.end == FitEnd::kPreempted) {
      ASSERT_LT(++interruptions, 100);
      continue;
    }
    EXPECT_TRUE(same_tensors(result.model, wanted.model));
    break;
  }
  EXPECT_GE(interruptions, 2);
  // Finished parts are taken, not trained again.
  int64_t steps = 0;
  const MemberResult again =
      train_member(sessions, options, {.progress = [&](const FitProgress&) { ++steps; }});
  EXPECT_EQ(steps, 0);
  EXPECT_TRUE(same_tensors(again.model, wanted.model));
  options.key = "another key";
  expect_refused([&] { train_member(sessions, options, {}); }, "belongs to another run",
                 ErrorKind::kUsage);
}

TEST(TrainMember, LearnsASingleSession) {
  const std::vector<SessionData> sessions = {session("a", 3, 1)};
  MemberOptions options = small_options();
  options.single_session_steps = 80;
  std::vector<double> losses;
  const MemberResult result = train_member(
      sessions, options, {.progress = [&](const FitProgress& p) { losses.push_back(p.loss); }});
  EXPECT_EQ(losses.size(), 80u);
  EXPECT_EQ(result.model.architecture().readout.outputs, 3);
  EXPECT_LE(losses.back(), 0.5 * losses.front());
}

TEST(TrainMember, MakesTheStepsOfItsEpochs) {
  const auto steps_of = [](const std::vector<SessionData>& sessions, const MemberOptions& options) {
    std::vector<int64_t> totals;
    train_member(sessions, options, {.progress = [&](const FitProgress& p) {
                   if (p.step == p.total_steps) totals.push_back(p.total_steps);
                 }});
    return totals;
  };
  // 16 images in batches of 4; epoch e makes e + 1 passes; then two passes for the readout.
  EXPECT_EQ(steps_of({session("a", 2, 1)}, small_options()), (std::vector<int64_t>{12}));
  EXPECT_EQ(steps_of({session("a", 2, 1), session("b", 3, 2), session("t", 2, 3)}, small_options()),
            (std::vector<int64_t>{4, 4, 8, 8, 8}));
}

TEST(TrainMember, ASingleSessionResumesBitForBit) {
  expect_resumes({session("a", 2, 1)}, small_options());
}

TEST(TrainMember, SeveralSessionsResumeBitForBit) {
  expect_resumes({session("a", 2, 1), session("b", 3, 2), session("t", 2, 3)}, small_options());
}

TEST(TrainMember, TheTargetSessionFitsItsReadoutOnly) {
  const SessionData other = session("a", 3, 1);
  const Model up = train_member({other, session("t", 2, 3, 1)}, small_options(), {}).model;
  const Model down = train_member({other, session("t", 2, 3, -1)}, small_options(), {}).model;
  const Model untrained(small_member(2), 5);
  for (const ParameterSpec& spec : up.specs()) {
    const bool readout = spec.name.starts_with("readout.");
    EXPECT_EQ(same_bits(up.tensor(spec.name), down.tensor(spec.name)), !readout) << spec.name;
  }
  EXPECT_FALSE(
      same_bits(up.tensor("core0.pointwise.weight"), untrained.tensor("core0.pointwise.weight")));
}

// The schedule of a single session is not that of a session that happens to have as many steps.
TEST(TrainMember, SeveralSessionsDoNotLookAtTheStepsOfASingleOne) {
  const std::vector<SessionData> sessions = {session("a", 2, 1), session("t", 2, 3)};
  MemberOptions options = small_options();
  const Model wanted = train_member(sessions, options, {}).model;
  options.single_session_steps = 8;
  EXPECT_TRUE(same_tensors(train_member(sessions, options, {}).model, wanted));
}

TEST(TrainMember, MembersDifferBySeed) {
  const std::vector<SessionData> sessions = {session("a", 2, 1)};
  MemberOptions options = small_options();
  const Model first = train_member(sessions, options, {}).model;
  EXPECT_TRUE(same_tensors(train_member(sessions, options, {}).model, first));
  ++options.seed;
  EXPECT_FALSE(same_tensors(train_member(sessions, options, {}).model, first));
}

TEST(TrainMember, WantsASession) {
  expect_refused([] { train_member({}, small_options(), {}); }, "at least one session");
}

}  // namespace
}  // namespace secateur
