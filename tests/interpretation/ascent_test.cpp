#include "interpretation/ascent.h"

#include <gtest/gtest.h>

#include <cmath>

#include "interpretation/gaussian_blur.h"
#include "interpretation/pixel_response.h"
#include "interpretation/starts.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/models/lively_model.h"
#include "tests/watching.h"

namespace secateur {
namespace {

const InputSpec kClimbed{.height = 16, .width = 20};

Model small_model() { return lively_model(student_architecture({4, 5, 3, 2, 3}, kClimbed), 1); }

// The procedure of method.md step by step, from the public parts.
TEST(Ascent, TakesTheStepsOfTheMethod) {
  const Model model = small_model();
  const PixelResponse response(model);
  const Tensor start = noise_starts(kClimbed, 1, 3);
  Observer nobody;
  const Ascent found =
      ascend(model, 0, start, {.steps = 60, .precision = Precision::kSingle}, nobody);
  Tensor image = start.clone();
  for (size_t step = 0; step < 60; ++step) {
    Tensor g = response.gradient(image).gradient;
    double squares = 0;
    for (const float v : g.values()) squares += double{v} * v;
    const double rms = std::sqrt(squares / static_cast<double>(g.numel()));
    for (float& v : g.values()) v = static_cast<float>(10 * v / (rms + 1e-5));
    g = gaussian_blur(g, 1);
    for (int64_t i = 0; i < image.numel(); ++i)
      image[i] = std::clamp(image[i] + g[i], 0.0f, 255.0f);
    // Rounding may move a unit over its threshold later on.
    if (step < 5) {
      const double wanted = response.responses(image)[0];
      ASSERT_NEAR(found.responses[step], wanted, 1e-3 * (1 + std::abs(wanted))) << step;
    }
  }
  // Step 51 ends with a blur of the image, which costs response.
  EXPECT_LT(found.responses[51], found.responses[50]);
  EXPECT_GT(found.responses[50], found.responses[0]);
}

TEST(Ascent, KeepsTheBestAndGoesBothWays) {
  const Model model = small_model();
  const Tensor starts = noise_starts(kClimbed, 2, 3);
  Observer nobody;
  for (const bool descend : {false, true}) {
    for (const Precision precision : {Precision::kSingle, Precision::kDouble}) {
      const Ascent found = ascend(
          model, 0, starts, {.steps = 30, .precision = precision, .descend = descend}, nobody);
      ASSERT_EQ(found.responses.size(), 60u);
      const Tensor best = PixelResponse(model).responses(found.best);
      for (size_t i = 0; i < 2; ++i) {
        const auto first = found.responses.begin() + static_cast<int64_t>(30 * i);
        const double wanted =
            descend ? *std::min_element(first, first + 30) : *std::max_element(first, first + 30);
        EXPECT_EQ(first[found.best_steps[i]], wanted);
        EXPECT_NEAR(best[static_cast<int64_t>(i)], wanted, 1e-3 * (1 + std::abs(wanted)));
        EXPECT_TRUE(descend ? wanted < first[0] : wanted > first[0]);
      }
    }
  }
}

TEST(Ascent, InWavesItClimbsToo) {
  const Tensor starts = noise_starts(kClimbed, 1, 3);
  Observer nobody;
  const Ascent found =
      ascend(small_model(), 0, starts, {.steps = 30, .space = AscentSpace::kFourier}, nobody);
  EXPECT_GT(found.responses[static_cast<size_t>(found.best_steps[0])], found.responses[0]);
}

TEST(Ascent, HasTheSameBitsInAnyCompanyAndOnAnyThreads) {
  const Model model = small_model();
  const Tensor starts = noise_starts(kClimbed, 3, 3);
  Observer nobody;
  for (const Precision precision : {Precision::kSingle, Precision::kDouble}) {
    const AscentOptions options{.steps = 12, .precision = precision};
    set_thread_budget(1);
    const Ascent all = ascend(model, 0, starts, options, nobody);
    set_thread_budget(3);
    const Ascent one = ascend(model, 0, starts.rows(2, 3), options, nobody);
    set_thread_budget(0);
    EXPECT_TRUE(same_bits(all.best.rows(2, 3), one.best));
    EXPECT_TRUE(std::equal(one.responses.begin(), one.responses.end(), all.responses.begin() + 24));
  }
}

TEST(Ascent, StopsWhenAskedAndRefusesNothingToDo) {
  const Tensor starts = noise_starts(kClimbed, 1, 3);
  Watching third(3);
  EXPECT_THROW(ascend(small_model(), 0, starts, {.steps = 12}, third), Stopped);
  EXPECT_EQ(third.heard.size(), 3u);
  Observer nobody;
  EXPECT_THROW(ascend(small_model(), 0, starts, {.steps = 0}, nobody), Error);
  EXPECT_THROW(ascend(small_model(), 0, Tensor(Shape{0, 3, 16, 20}), {}, nobody), Error);
  EXPECT_THROW(ascend(small_model(), 0, Tensor::zeros({1, 3, 16, 16}), {}, nobody), Error);
  EXPECT_THROW(ascend(small_model(), 1, starts, {}, nobody), Error);
}

TEST(EpsilonImages, MoveTheResponseWithASmallChange) {
  const Model model = small_model();
  const Tensor images = noise_starts(kClimbed, 2, 7);
  Observer nobody;
  for (const bool descend : {false, true}) {
    const EpsilonImages found = epsilon_images(model, 0, images, descend, nobody);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_TRUE(descend ? found.after[i] < found.before[i] : found.after[i] > found.before[i]);
      double change = 0;
      const int64_t numel = images.numel() / 2;
      for (int64_t k = 0; k < numel; ++k) {
        const int64_t at = static_cast<int64_t>(i) * numel + k;
        change += std::abs(double{found.pixels[at]} - images[at]) / static_cast<double>(numel);
      }
      EXPECT_TRUE(change >= kEpsilonChange || found.steps[i] == kMostEpsilonSteps) << change;
      EXPECT_LT(change, 2 * kEpsilonChange);
    }
  }
}

TEST(NoiseStarts, DependOnSeedAndPlaceAlone) {
  const Tensor three = noise_starts(kClimbed, 3, 1);
  EXPECT_TRUE(same_bits(three.rows(0, 2), noise_starts(kClimbed, 2, 1)));
  EXPECT_FALSE(same_bits(three.rows(0, 1), three.rows(1, 2)));
  EXPECT_FALSE(same_bits(three, noise_starts(kClimbed, 3, 2)));
}

// Two kinds of images that differ in colour: each facet is of one kind.
TEST(FacetStarts, ClustersWhatTheModelTellsApart) {
  const Model model = small_model();
  Tensor images(Shape{12, 3, kClimbed.height, kClimbed.width});
  std::vector<double> responses;
  for (int64_t i = 0; i < 12; ++i) {
    Rng rng(9, "facet", static_cast<uint64_t>(i));
    for (int64_t k = 0; k < images.numel() / 12; ++k) {
      const bool red = k < kClimbed.height * kClimbed.width;
      images[i * (images.numel() / 12) + k] =
          static_cast<float>((red == (i % 2 == 0) ? 220 : 20) + rng.uniform(0, 20));
    }
    responses.push_back(i < 10 ? 5.0 - 0.1 * static_cast<double>(i) : 0.0);
  }
  const Facets facets = facet_starts(model, images, responses, 10, 2, 1);
  ASSERT_EQ(facets.images.size(), 2u);
  for (const auto& members : facets.images) {
    EXPECT_EQ(members.size(), 5u);
    for (const int64_t image : members) {
      EXPECT_LT(image, 10);
      EXPECT_EQ(image % 2, members.front() % 2);
    }
  }
  EXPECT_THROW(facet_starts(model, images, responses, 10, 11, 1), Error);
}

}  // namespace
}  // namespace secateur
