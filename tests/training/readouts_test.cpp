#include "training/readouts/readouts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/image_batches.h"
#include "models/predictor.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tensor/statistics.h"
#include "tests/formats/expect_refused.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"
#include "training/readouts/readout_model.h"

namespace secateur {
namespace {

constexpr int64_t kFitted = 160;
constexpr int64_t kScored = 80;
constexpr int64_t kMapChannels = 4;
constexpr int64_t kMapSide = 6;

Tensor noise_maps(int64_t images, uint64_t index) {
  Tensor maps(Shape{images, kMapChannels, kMapSide, kMapSide});
  Rng rng(5, "readouts test", index);
  for (float& value : maps.values()) value = static_cast<float>(3 + 2 * rng.normal());
  return maps;
}

// Neuron 0 looks through a Gaussian window, neuron 1 through the same with a ReLU in front of it.
Tensor window_responses(const Tensor& maps) {
  constexpr float kMixing[kMapChannels] = {1.0f, -0.5f, 0.3f, 0.0f};
  Tensor responses = Tensor::zeros(Shape{maps.dim(0), 2});
  for (int64_t i = 0; i < maps.dim(0); ++i) {
    for (int64_t p = 0; p < kMapSide * kMapSide; ++p) {
      const double dy = static_cast<double>(p / kMapSide) - 1.5;
      const double dx = static_cast<double>(p % kMapSide) - 3.5;
      float mixed = 0;
      for (int64_t c = 0; c < kMapChannels; ++c) {
        mixed += kMixing[c] * (maps[(i * kMapChannels + c) * kMapSide * kMapSide + p] - 3);
      }
      const auto weight = static_cast<float>(std::exp(-(dx * dx + dy * dy) / 2));
      responses[i * 2] += 10 + weight * mixed;
      responses[i * 2 + 1] += weight * std::max(0.0f, mixed);
    }
  }
  return responses;
}

class Readouts : public testing::TestWithParam<const char*> {
 protected:
  Readouts() {
    const ChannelScales scales = channel_scales(maps_);
    standardise(maps_, scales);
    standardise(other_maps_, scales);
  }
  FittedReadout fitted(const Tensor& responses) const {
    Observer nobody;
    return fit_readout(readout_kind(GetParam()), maps_, responses, 3, nobody);
  }

  const Tensor plain_ = noise_maps(kFitted, 0);
  const Tensor other_plain_ = noise_maps(kScored, 1);
  Tensor responses_ = window_responses(plain_);
  const Tensor other_responses_ = window_responses(other_plain_);
  Tensor maps_ = plain_.clone();
  Tensor other_maps_ = other_plain_.clone();
};

double r2_of(const Tensor& given, const Tensor& wanted, int64_t neuron) {
  return squared_correlation(column(given, neuron), column(wanted, neuron));
}

// Of images that it was not fitted on; the kinds that fit a neuron's own make it out better.
TEST_P(Readouts, FindWhatANeuronReads) {
  const std::string kind = GetParam();
  const Tensor given = respond(fitted(responses_), other_maps_);
  const bool of_its_kind = kind == "gaussian" || kind == "factorised" || kind == "average";
  const double wanted = of_its_kind ? 0.95 : kind == "ridge" ? 0.8 : 0.4;
  EXPECT_GT(r2_of(given, other_responses_, 0), wanted);
  // On the scale of the responses.
  EXPECT_NEAR(mean_of(column(given, 0)), mean_of(column(other_responses_, 0)), 1.0);
}

TEST_P(Readouts, GiveTheSameBitsOnAnyThreadsAndEveryTime) {
  const FittedReadout once = fitted(responses_);
  set_thread_budget(3);
  const FittedReadout again = fitted(responses_);
  set_thread_budget(0);
  EXPECT_TRUE(same_bits(once.weight, again.weight));
  EXPECT_TRUE(same_bits(once.bias, again.bias));
  EXPECT_TRUE(same_bits(once.hidden_weight, again.hidden_weight));
}

// What is missing of one neuron does not matter, and what another misses neither where neurons are
// fitted apart.
TEST_P(Readouts, LeaveOutWhatIsMissing) {
  for (int64_t image = 0; image < 40; ++image) responses_[image * 2] = std::nanf("");
  const Tensor given = respond(fitted(responses_), other_maps_);
  ASSERT_TRUE(given.all_finite());
  EXPECT_GT(r2_of(given, other_responses_, 0), 0.3);
}

TEST_P(Readouts, HoldOutWhatTheyAreNotFittedOn) {
  Observer nobody;
  const auto held_out = [&] {
    return held_out_responses(readout_kind(GetParam()), maps_, responses_, 4, 3, nobody);
  };
  const Tensor before = held_out();
  EXPECT_GT(r2_of(before, responses_, 0), 0.2);
  for (int64_t image = 0; image < kFitted / 4; ++image) responses_[image * 2] += 100;
  const Tensor after = held_out();
  for (int64_t image = 0; image < kFitted / 4; ++image) {
    EXPECT_EQ(before[image * 2], after[image * 2]);
  }
  EXPECT_NE(before[(kFitted - 1) * 2], after[(kFitted - 1) * 2]);
}

TEST_P(Readouts, SayTheSameOfPlainMaps) {
  const FittedReadout readout = fitted(responses_);
  const Tensor wanted = respond(readout, other_maps_);
  const Tensor given = respond(on_plain_maps(readout, channel_scales(plain_)), other_plain_);
  for (int64_t i = 0; i < wanted.numel(); ++i) EXPECT_NEAR(given[i], wanted[i], 2e-3);
}

TEST_P(Readouts, AnswerAConstantNeuronWithItsResponse) {
  for (int64_t image = 0; image < kFitted; ++image) responses_[image * 2] = 7;
  const Tensor given = respond(fitted(responses_), other_maps_);
  for (int64_t image = 0; image < kScored; ++image) EXPECT_NEAR(given[image * 2], 7, 0.3);
}

TEST_P(Readouts, RefuseAndStop) {
  Watching stopping(1);
  EXPECT_THROW(fit_readout(readout_kind(GetParam()), maps_, responses_, 3, stopping), Stopped);
  for (int64_t image = 0; image < kFitted - 15; ++image) responses_[image * 2 + 1] = std::nanf("");
  expect_refused([&] { fitted(responses_); },
                 "at least 16 responses of neuron 1 to fit a readout, got 15");
  expect_refused([&] { fitted(Tensor(Shape{3, 2})); }, "wanted maps [n, channels, h, w] and");
}

INSTANTIATE_TEST_SUITE_P(OfAKind, Readouts,
                         testing::Values("ridge", "projection", "factorised", "gaussian", "dense",
                                         "linear_relu_linear", "average"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(ReadoutKinds, AreNamed) {
  EXPECT_EQ(readout_kinds().size(), 7u);
  expect_refused([] { readout_kind("lasso"); }, "there is no readout 'lasso'; wanted some of ridge",
                 ErrorKind::kUsage);
}

// A neuron of a hidden layer is found by the kind that has one, better than by a line.
TEST(ReadoutKinds, WithAHiddenLayerFindARectifiedNeuron) {
  constexpr int64_t kMany = 400;
  Observer nobody;
  Tensor maps = noise_maps(kMany, 2);
  const Tensor responses = window_responses(maps);
  Tensor other = noise_maps(kScored, 3);
  const Tensor wanted = window_responses(other);
  const ChannelScales scales = channel_scales(maps);
  standardise(maps, scales);
  standardise(other, scales);
  const auto score = [&](const char* kind) {
    return r2_of(respond(fit_readout(readout_kind(kind), maps, responses, 3, nobody), other),
                 wanted, 1);
  };
  EXPECT_GT(score("linear_relu_linear"), score("ridge") + 0.02);
}

TEST(ReadoutModel, IsTheCoreAndTheReadout) {
  const SmallProblem problem{40, 1, 4};
  Observer nobody;
  const Model core(small_student(3), 9);
  const size_t blocks = 4;
  for (const char* kind : {"gaussian", "linear_relu_linear"}) {
    const Tensor pixels =
        first_image_batches(problem.set->images(), kSquareInput.mean, 40, 40).front();
    Tensor maps = core.forward_blocks(Variable(pixels), 0, blocks, Mode::kEvaluation).value();
    const ChannelScales scales = channel_scales(maps);
    const Tensor responses = Tensor::of(Shape{40, 1}, problem.brightness);
    const Tensor plain = maps.clone();
    standardise(maps, scales);
    const FittedReadout readout =
        on_plain_maps(fit_readout(readout_kind(kind), maps, responses, 1, nobody), scales);
    const Tensor wanted = respond(readout, plain);
    const Tensor given = Predictor(model_with_readout(core, blocks, readout))(pixels);
    for (int64_t i = 0; i < 40; ++i) EXPECT_NEAR(given[i], wanted[i], 1e-4) << kind;
  }
}

}  // namespace
}  // namespace secateur
