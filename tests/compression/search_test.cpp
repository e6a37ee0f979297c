#include "compression/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compression/compact_file.h"
#include "compression/sensitivity.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/compression/compact_fixture.h"
#include "tests/compression/unwatched.h"
#include "tests/watching.h"

namespace secateur {
namespace {

std::vector<Tensor> calibration(const InputSpec& input, int64_t batches = 4) {
  std::vector<Tensor> images;
  for (int64_t b = 0; b < batches; ++b) {
    images.push_back(blob_images(input, 10, static_cast<uint64_t>(b)));
  }
  return images;
}

TEST(Search, KeepsItsPromiseOnEveryArchitecture) {
  for (const auto& [name, architecture] : every_architecture()) {
    const Model model = lively_model(architecture, 1);
    const std::vector<Tensor> images = calibration(architecture.input);
    const CompressionResult result = compress(model, images, {.max_loss = 0.01});
    const Model decoded = decode(parse(result.file, "memory"));
    const Tensor wanted = respond(fold_batch_norm(model), images);
    const double loss = response_loss(wanted, respond(decoded, images));
    EXPECT_LE(loss, 0.01 * CompressOptions{}.margin) << name;
    EXPECT_EQ(loss, result.loss) << name << ": what was evaluated is what the file decodes to";
    const double plain = 4.0 * static_cast<double>(count_parameters(architecture).total);
    EXPECT_LE(static_cast<double>(result.file.size()), 0.45 * plain) << name;
    EXPECT_EQ(decoded.architecture().readout, model.architecture().readout) << name;
  }
}

TEST(Search, MoreLossAllowedMakesASmallerFile) {
  const Architecture architecture = every_architecture()[0].architecture;
  const Model model = lively_model(architecture, 1);
  size_t before = 1 << 30;
  for (double loss : {0.0005, 0.005, 0.05}) {
    const size_t size =
        compress(model, calibration(architecture.input), {.max_loss = loss}).file.size();
    EXPECT_LT(size, before) << loss;
    before = size;
  }
}

TEST(Search, BytesDoNotDependOnThreadsOrRepeats) {
  for (size_t which : {0u, 2u}) {
    const Architecture architecture = every_architecture()[which].architecture;
    const Model model = lively_model(architecture, 1);
    const std::vector<Tensor> images = calibration(architecture.input);
    set_thread_budget(1);
    const std::vector<uint8_t> one = compress(model, images).file;
    EXPECT_EQ(compress(model, images).file, one);
    for (int threads : {2, 3, 8}) {
      set_thread_budget(threads);
      EXPECT_EQ(compress(model, images).file, one) << threads << " threads";
    }
    set_thread_budget(0);
  }
}

TEST(Search, TellsHowItWent) {
  const Architecture architecture = every_architecture()[0].architecture;
  const CompressionResult result =
      compress(lively_model(architecture, 1), calibration(architecture.input));
  double bytes = 0;
  double predicted = 0;
  for (const TensorDecision& decision : result.tensors) {
    bytes += decision.steps_bytes + decision.codes_bytes;
    predicted += decision.predicted_loss;
    for (int bits : decision.filter_bits) EXPECT_GE(bits, 2);
    ASSERT_EQ(decision.filter_loss.size(), decision.filter_bits.size());
    ASSERT_EQ(decision.filter_sensitivity.size(), decision.filter_bits.size());
    double filters = 0;
    for (const double loss : decision.filter_loss) filters += loss;
    EXPECT_LE(std::abs(filters - decision.predicted_loss), 1e-12 + 1e-9 * filters);
    const bool cosine = decision.transform == Transform::kDct;
    if (decision.plain.total() > 0) {
      EXPECT_EQ(cosine, decision.transformed.total() < decision.plain.total()) << decision.name;
    }
    // Every move was worth it, so their sums are.
    EXPECT_LE(decision.rounding.loss_added, result.bit_value * decision.rounding.bits_saved);
    EXPECT_LE(decision.rounding.zeroed, decision.rounding.moved);
    EXPECT_LE(decision.rounding.zeroed, decision.zeros);
  }
  EXPECT_LE(std::abs(bytes + static_cast<double>(result.head_bytes) -
                     static_cast<double>(result.file.size())),
            24.0);
  EXPECT_EQ(result.images, 40);
  EXPECT_EQ(result.gradient_images, 40);
  ASSERT_FALSE(result.trials.empty());
  bool found = false;
  for (const CompressTrial& trial : result.trials) {
    if (trial.global_step != result.compact.global_step) continue;
    found = true;
    EXPECT_LE(std::abs(trial.predicted_loss - predicted), 1e-12);
  }
  EXPECT_TRUE(found);
}

// Rounding to the nearest code is the least loss: moving away costs loss and buys bits.
TEST(Search, MovesCodesForBits) {
  const Architecture architecture = every_architecture()[0].architecture;
  const CompressionResult result =
      compress(lively_model(architecture, 1), calibration(architecture.input));
  RoundingTrace all;
  for (const TensorDecision& decision : result.tensors) {
    EXPECT_GE(decision.rounding.loss_added, 0);
    EXPECT_GE(decision.rounding.bits_saved, 0);
    all.moved += decision.rounding.moved;
    all.bits_saved += decision.rounding.bits_saved;
  }
  EXPECT_GE(all.moved, 10);
  EXPECT_GE(all.bits_saved, 10);
}

// Each bisection ends with neighbours, one allowed and one not, and the trials begin there.
TEST(Search, BisectsToTheLargestStepAllowed) {
  const Architecture architecture = every_architecture()[0].architecture;
  const CompressionResult result =
      compress(lively_model(architecture, 1), calibration(architecture.input));
  int fine = 0;
  for (int search = 1; search <= 3; ++search) {
    fine = -256;
    int coarse = 160;
    for (const PredictedStep& p : result.predicted) {
      if (p.search != search) continue;
      EXPECT_EQ(p.allowed, p.predicted_loss <= p.limit);
      EXPECT_GT(p.global_step, fine);
      EXPECT_LT(p.global_step, coarse);
      (p.allowed ? fine : coarse) = p.global_step;
    }
    EXPECT_EQ(coarse - fine, 1) << search;
  }
  EXPECT_EQ(result.predicted.back().search, 3);
  EXPECT_EQ(result.trials.front().global_step, fine);
}

TEST(Search, CanBeWatchedAndStopped) {
  const Architecture architecture = every_architecture()[0].architecture;
  const Model model = lively_model(architecture, 1);
  const std::vector<Tensor> images = calibration(architecture.input);
  const auto call = [&](Observer& observer) {
    return compress(model, images, {.title = "compress a/2"}, observer);
  };
  Watching watching;
  const CompressionResult watched = call(watching);
  expect_runs_to_the_end(watching.heard, "compress a/2");
  EXPECT_EQ(watched.file, compress(model, images).file);
  // Every batch of every trial, every eight images of the sensitivity, every step looked at.
  const auto trials = static_cast<int64_t>(watched.trials.size());
  const auto looked_at = static_cast<int64_t>(watched.predicted.size());
  EXPECT_GE(watching.asked, 4 * (1 + trials) + 5 + looked_at);
  EXPECT_EQ(watching.heard.back().detail, fmt::format("smallest {} bytes at a loss of {:.5f}",
                                                      watched.file.size(), watched.loss));
  expect_stops_anywhere(call, 1);
}

// Where no trial is good enough there are more than were planned, and the total grows with them.
TEST(Search, CanBeWatchedBeyondItsTrials) {
  const Architecture architecture = every_architecture()[0].architecture;
  Watching watching;
  EXPECT_THROW(compress(lively_model(architecture, 1), calibration(architecture.input),
                        {.max_loss = 1e-12, .most_trials = 1}, watching),
               Error);
  ASSERT_FALSE(watching.heard.empty());
  EXPECT_GT(watching.heard.back().total, watching.heard.front().total);
  expect_one_scale(watching.heard, "compress");
}

TEST(Search, RefusesWhatItCannotWorkWith) {
  const Architecture architecture = every_architecture()[0].architecture;
  const Model model = lively_model(architecture, 1);
  const std::vector<Tensor> images = calibration(architecture.input, 1);
  EXPECT_THROW(compress(model, {}), Error);
  EXPECT_THROW(compress(model, {blob_images({.height = 8, .width = 8}, 10, 1)}), Error);
  EXPECT_THROW(compress(model, images, {.max_loss = 0.0}), Error);
  EXPECT_THROW(compress(model, images, {.max_loss = std::nan("")}), Error);
  EXPECT_THROW(compress(model, images, {.most_trials = 0}), Error);
  EXPECT_THROW(compress(model, images, {.margin = 1.5}), Error);
  Tensor same = Tensor::zeros({10, 3, architecture.input.height, architecture.input.width});
  EXPECT_THROW(compress(model, {same}), Error);
}

TEST(Search, SaysWhenEightBitsAreNotEnough) {
  const Architecture architecture = every_architecture()[0].architecture;
  try {
    compress(lively_model(architecture, 1), calibration(architecture.input), {.max_loss = 1e-12});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kVerification);
  }
}

}  // namespace
}  // namespace secateur
