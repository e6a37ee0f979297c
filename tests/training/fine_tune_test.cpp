#include "training/fine_tune.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/image_batches.h"
#include "models/model_trunk.h"
#include "models/predictor.h"
#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"
#include "tests/temporary_folder.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr int64_t kSquares = 80;

Model core() { return {small_student(), uint64_t{3}}; }

// The squared brightness of the images, which the core's layers do not know yet.
SessionData squares(int64_t images = kSquares, uint64_t seed = 2) {
  const SmallProblem problem(images, 2, seed);
  SessionData data{.session = "a", .set = problem.set, .responses = Tensor(Shape{images, 2})};
  for (int64_t i = 0; i < images; ++i) {
    const float b = problem.brightness[static_cast<size_t>(i)];
    data.responses[2 * i] = 3 * b * b - 1;
    data.responses[2 * i + 1] = 1 - 3 * b * b;
  }
  return data;
}

MemberOptions tuning() {
  return {.seed = 5,
          .batch = 16,
          .learning_rate = 1e-2,
          .target_steps = 60,
          .patience = 0,
          .score_every_steps = 10,
          .loader_threads = 0,
          .key = "key"};
}

FittedReadout readout_of(const SessionData& data, const char* kind = "ridge") {
  const Model from = core();
  const auto trunk = trunk_of_model(from, from.architecture().blocks.size());
  Observer nobody;
  return fit_on_trunk(readout_kind(kind), *trunk, data.set->images(), data.responses, nullptr, "",
                      1, nobody)
      .readout;
}

FineTuned tuned_on(const SessionData& data, const MemberOptions& options, Observer& observer) {
  return fine_tune(core(), readout_kind("ridge"), readout_of(data), data, options, observer);
}

FineTuned tuned_on(const SessionData& data, const MemberOptions& options) {
  Observer nobody;
  return tuned_on(data, options, nobody);
}

Tensor responses_to(const Model& model, const ImageSource& images) {
  return respond_to_all(Predictor(model), images, kSquareInput.mean);
}

TEST(FineTune, TrainsWhatTheReadoutAloneAnswers) {
  const SessionData data = squares();
  for (const char* kind : {"ridge", "gaussian"}) {
    const FittedReadout readout = readout_of(data, kind);
    const Model model = trainable_with_readout(core(), readout);
    EXPECT_TRUE(model.architecture().readout.gain.empty());
    EXPECT_EQ(model.architecture().readout.kind == ReadoutKind::kFactorised,
              kind == std::string("gaussian"));
    const Model from = core();
    const auto trunk = trunk_of_model(from, from.architecture().blocks.size());
    const Tensor images = random_images(kSquareInput, 5, 4, 60);
    EXPECT_LE(relative_difference(answers_of(model, images), respond(readout, (*trunk)(images))),
              1e-4)
        << kind;
  }
}

TEST(FineTune, TakesTheTunedModelWhereItIsBetter) {
  const SessionData data = squares();
  const FineTuned tuned = tuned_on(data, tuning());
  ASSERT_TRUE(tuned.model);
  EXPECT_EQ(tuned.images, 16);
  ASSERT_EQ(tuned.decided_by.size(), 16u);
  EXPECT_EQ(tuned.decided_by.front(), 64);
  EXPECT_EQ(tuned.held_out.shape(), (Shape{16, 2}));
  EXPECT_GT(tuned.r2, tuned.r2_readout);
  EXPECT_EQ(tuned.steps % 10, 0);
  // Of images that nothing has seen.
  const SessionData others = squares(40, 9);
  const double after = mean_r2(responses_to(*tuned.model, others.set->images()), others.responses);
  const Model alone = trainable_with_readout(core(), readout_of(data));
  EXPECT_GT(after, mean_r2(responses_to(alone, others.set->images()), others.responses));
}

TEST(FineTune, KeepsTheReadoutAloneWhereTuningRuinsIt) {
  MemberOptions options = tuning();
  options.learning_rate = 1;
  options.target_steps = 1;
  const FineTuned tuned = tuned_on(squares(), options);
  EXPECT_FALSE(tuned.model);
  EXPECT_EQ(tuned.steps, 1);
  EXPECT_LE(tuned.r2, tuned.r2_readout);
  options.learning_rate = 1e6;
  options.target_steps = 4;
  const FineTuned diverged = tuned_on(squares(), options);
  EXPECT_FALSE(diverged.model);
  EXPECT_EQ(diverged.r2, 0);
}

// What decides neither fits nor stops.
TEST(FineTune, LeavesOutWhatDecides) {
  const SessionData data = squares();
  SessionData other = data;
  other.responses = data.responses.clone();
  for (int64_t i = 64 * 2; i < kSquares * 2; ++i) other.responses[i] = static_cast<float>(i % 7);
  const FineTuned a = tuned_on(data, tuning());
  const FineTuned b = tuned_on(other, tuning());
  EXPECT_TRUE(same_bits(a.held_out, b.held_out));
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_NE(a.r2, b.r2);
  EXPECT_NE(a.r2_readout, b.r2_readout);
  // What stops is not fitted on: in front of the first score nothing depends on it.
  MemberOptions once = tuning();
  once.target_steps = 10;
  other.responses = data.responses.clone();
  for (int64_t i = 56 * 2; i < 64 * 2; ++i) other.responses[i] = static_cast<float>(i % 7);
  EXPECT_TRUE(same_bits(tuned_on(data, once).held_out, tuned_on(other, once).held_out));
}

TEST(FineTune, IsDecidedByTheImagesHeldOutByName) {
  SessionData data = squares();
  const SessionData named = squares(40, 9);
  data.held_out = ImageSourcePtr(named.set, &named.set->images());
  data.held_out_responses = named.responses;
  MemberOptions options = tuning();
  options.target_steps = 120;
  const FineTuned tuned = tuned_on(data, options);
  ASSERT_TRUE(tuned.model);
  EXPECT_EQ(tuned.images, 40);
  EXPECT_TRUE(tuned.decided_by.empty());
  EXPECT_TRUE(same_bits(tuned.held_out, responses_to(*tuned.model, *data.held_out)));
}

TEST(FineTune, ResumesBitForBit) {
  const SessionData data = squares();
  const FineTuned wanted = tuned_on(data, tuning());
  ASSERT_TRUE(wanted.model);
  const TemporaryFolder folder;
  MemberOptions options = tuning();
  options.checkpoint_folder = folder.path();
  int interruptions = 0;
  for (int64_t until = 20;; until += 17) {
    Watching stopping(until);
    try {
      const FineTuned tuned = tuned_on(data, options, stopping);
      ASSERT_TRUE(tuned.model);
      EXPECT_TRUE(same_tensors(*tuned.model, *wanted.model));
      EXPECT_TRUE(same_bits(tuned.held_out, wanted.held_out));
      EXPECT_EQ(tuned.steps, wanted.steps);
      break;
    } catch (const Stopped&) {
      ASSERT_LT(++interruptions, 40);
    }
  }
  EXPECT_GE(interruptions, 2);
}

TEST(FineTune, WantsImagesAndResponses) {
  expect_refused([] { tuned_on(squares(50), tuning()); }, "wants at least 60 images to fit, got 50",
                 ErrorKind::kUsage);
  SessionData data = squares();
  EXPECT_EQ(lack_for_fine_tuning(data), "");
  for (int64_t i = 10; i < 60; ++i) data.responses[2 * i + 1] = std::nanf("");
  EXPECT_EQ(lack_for_fine_tuning(data),
            "fine-tuning wants at least 16 responses of every neuron to 56 images, neuron 1 has "
            "10");
}

}  // namespace
}  // namespace secateur
