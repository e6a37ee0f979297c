#include "interpretation/dot_ablation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "interpretation/ablation_scores.h"
#include "tests/interpretation/planted_models.h"

namespace secateur {
namespace {

using testing::HasSubstr;

// Filter 0 sees dark dots of radius 3 at (22, 24); filter 1 responds to everything alike, filter 2
// is read nowhere.
Model dot_detector() {
  const Model seen = planted_model(dark_dot_kernel(11, 3), only_at(40, 40, 24, 22));
  Architecture a = seen.architecture();
  a.blocks[0].filters = 3;
  Model model(a, 1);
  for (const ParameterSpec& spec : model.specs()) model.tensor(spec.name).fill(0);
  std::ranges::copy(seen.tensor("layer0.conv.weight").values(),
                    model.tensor("layer0.conv.weight").data());
  model.tensor("layer0.conv.bias")[1] = 2;
  std::ranges::copy(seen.tensor("readout.weight").values(), model.tensor("readout.weight").data());
  model.tensor("readout.weight")[40 * 40 + 24 * 40 + 22] = 5;
  return model;
}

const std::vector<double> kWeakResponses = {-1, 0, 1};

struct Probed {
  explicit Probed(const Model& model)
      : response(model, 0),
        dots(dot_curves(responses_to_pixels(model), stimuli::ground_of(model.architecture().input),
                        1, observer)) {}
  std::vector<DotLoss> losses(const std::vector<FilterSet>& sets) {
    AblationRuns runs(response, dots.pixels);
    return dot_losses(runs, dots, sets, observer);
  }
  Observer observer;
  LayeredResponse response;
  DotCurves dots;
};

TEST(DotAblation, FindsTheDotAndTheFilterThatMakesIt) {
  Probed probed(dot_detector());
  EXPECT_EQ(probed.dots.polarity, stimuli::Polarity::kDark);
  // Between two of the places that are tried first, 20.2 and 23.1.
  EXPECT_NEAR(probed.dots.place.x, 22, 0.75);
  EXPECT_NEAR(probed.dots.place.y, 24, 1);
  ASSERT_EQ(probed.dots.curves.size(), 3u);
  EXPECT_EQ(probed.dots.pixels.dim(0), 56 + 21 + 10 * kAblatedDraws);
  const std::vector<DotLoss> losses = probed.losses({{0, {0}}, {0, {1}}, {0, {2}}, {0, {0, 1}}});
  for (size_t c = 0; c < 2; ++c) {
    EXPECT_NEAR(*losses[0].losses[c], 1, 1e-5) << c;
    EXPECT_NEAR(*losses[1].losses[c], 0, 1e-5) << c;
    EXPECT_EQ(*losses[2].losses[c], 0) << c;
    EXPECT_NEAR(*losses[3].losses[c], 1, 1e-5) << c;
  }
  EXPECT_NEAR(*losses[0].all, 1, 1e-5);
  const std::vector<std::string> sentences = dot_loss_sentences(
      probed.response, probed.dots, kWeakResponses, {losses[0], losses[1], losses[2]},
      {losses[3], probed.losses({{0, {0, 1, 2}}})[0]});
  ASSERT_EQ(sentences.size(), 3u);
  EXPECT_THAT(sentences[0], HasSubstr("prefers a dark one"));
  EXPECT_THAT(sentences[1], HasSubstr("without layer0 filter 0, 1.00 (location 1.00"));
  EXPECT_THAT(sentences[1], testing::Not(HasSubstr("filter 1")));
  EXPECT_THAT(sentences[2], HasSubstr("without layer0 filters 0+1, 1.00"));
  EXPECT_THAT(sentences[2], testing::Not(HasSubstr("0+1+2")));
  // Images that drive it as much as the dot does, or more.
  const double best = probed.dots.best;
  EXPECT_TRUE(dots_are_clear(probed.dots, kWeakResponses));
  EXPECT_FALSE(dots_are_clear(probed.dots, std::vector<double>{best, best + 1}));
  EXPECT_FALSE(dots_are_clear(probed.dots, std::vector<double>{-1000, best, best}));
}

// The curves of the whole are those of the stimuli, and the loss that of the scores.
TEST(DotAblation, IsTheLossOfTheCurves) {
  Probed probed(dot_detector());
  AblationRuns runs(probed.response, probed.dots.pixels);
  Progress progress;
  const auto responses = runs.responses({{0, {}}, {0, {0}}}, progress, probed.observer);
  const DotCurve& size = probed.dots.curves[1];
  const auto part = [&](const std::vector<double>& all) {
    return std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(size.first),
                               all.begin() + static_cast<std::ptrdiff_t>(size.first + size.points));
  };
  const std::vector<double> intact = part(responses[0]);
  for (size_t i = 0; i < intact.size(); ++i) EXPECT_NEAR(intact[i], size.intact[i], 1e-6);
  EXPECT_EQ(*probed.losses({{0, {0}}})[0].losses[1], tuning_loss(intact, part(responses[1])));
}

TEST(DotAblation, OfAModelThatNoDotMovesNothingIsLost) {
  Model flat = dot_detector();
  flat.tensor("readout.weight").fill(0);
  Probed probed(flat);
  const std::vector<DotLoss> losses = probed.losses({{0, {0}}});
  EXPECT_FALSE(losses[0].all);
  EXPECT_FALSE(losses[0].losses[0]);
  EXPECT_TRUE(dot_loss_json(probed.dots, losses[0])["all"].is_null());
  EXPECT_EQ(dot_loss_csv(probed.response, probed.dots, losses),
            "layer,filters,location,size,number,all\nlayer0,0,,,,\n");
  const std::vector<std::string> sentences =
      dot_loss_sentences(probed.response, probed.dots, kWeakResponses, losses, {});
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0], HasSubstr("no filter is named"));
}

}  // namespace
}  // namespace secateur
