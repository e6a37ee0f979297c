#include "training/ridge_readout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "data/image_batches.h"
#include "models/model_trunk.h"
#include "models/predictor.h"
#include "tensor/statistics.h"
#include "tests/formats/expect_refused.h"
#include "tests/training/small_problem.h"
#include "tests/watching.h"
#include "training/readouts/readout_model.h"
#include "training/readouts/trunk_readout.h"
#include "training/trunk_features.h"

namespace secateur {
namespace {

constexpr int64_t kImages = 60;

// Images, a trunk with weights of its own, and responses that one dense readout of the trunk gives,
// up to a little noise for the second neuron and nothing but noise for the third.
class RidgeReadoutTest : public ::testing::Test {
 protected:
  RidgeReadoutTest() : trunk_(small_student(3), 9), responses_(Shape{kImages, 3}) {
    const Tensor given = respond_to_all(Predictor(trunk_), images(), kSquareInput.mean);
    Rng rng(2, "ridge readout test", 0);
    for (int64_t image = 0; image < kImages; ++image) {
      for (int64_t neuron = 0; neuron < 3; ++neuron) {
        const double noise = neuron == 0 ? 0 : rng.normal();
        responses_[image * 3 + neuron] = static_cast<float>(
            neuron == 2 ? noise
                        : given[image * 3 + neuron] / spread_of(given, neuron) + 0.1 * noise);
      }
    }
  }

  static double spread_of(const Tensor& table, int64_t neuron) {
    return std::sqrt(variance_of(std::span<const double>(column(table, neuron)), 0));
  }
  const ImageSource& images() const { return problem_.set->images(); }
  TrunkReadout fit() const {
    Observer nobody;
    return fit(nobody);
  }
  TrunkReadout fit(Observer& observer) const {
    return fit_on_trunk(readout_kind("ridge"), *trunk(), images(), responses_, nullptr, "", 1,
                        observer);
  }
  RidgeOnMaps ridge() const {
    Observer nobody;
    return fit_ridge(maps_of(*trunk(), images(), "", nobody), responses_, nobody);
  }
  std::unique_ptr<Trunk> trunk() const { return trunk_of_model(trunk_, blocks()); }
  size_t blocks() const { return trunk_.architecture().blocks.size(); }
  Model model_of(const TrunkReadout& readout) const {
    return model_with_readout(trunk_, blocks(), readout.readout);
  }

  const SmallProblem problem_{kImages, 1, 4};
  Model trunk_;
  Tensor responses_;
};

TEST_F(RidgeReadoutTest, FindsTheReadoutThatWasThere) {
  const TrunkReadout readout = fit();
  const Model model = model_of(readout);
  const Tensor predicted = respond_to_all(Predictor(model), images(), kSquareInput.mean);
  EXPECT_GT(squared_correlation(column(predicted, 0), column(responses_, 0)), 0.999);
  EXPECT_GT(squared_correlation(column(predicted, 1), column(responses_, 1)), 0.95);
  EXPECT_GT(squared_correlation(column(readout.held_out, 0), column(responses_, 0)), 0.95);
  EXPECT_GT(squared_correlation(column(readout.held_out, 1), column(responses_, 1)), 0.9);
  // Noise is not explained where it was not seen.
  EXPECT_LT(correlation(column(readout.held_out, 2), column(responses_, 2)), 0.4);
  const RidgeOnMaps found = ridge();
  EXPECT_LT(found.penalties[0], found.penalties[2]);
  for (const ParameterSpec& spec : trunk_.specs()) {
    if (spec.name.starts_with("readout.")) continue;
    EXPECT_TRUE(same_bits(trunk_.tensor(spec.name), model.tensor(spec.name))) << spec.name;
  }
}

// The response to an image held out does not depend on what was recorded for it or its neighbours.
TEST_F(RidgeReadoutTest, HeldOutIsHeldOut) {
  const Tensor before = fit().held_out;
  for (int64_t image = 0; image < kImages / 5; ++image) responses_[image * 3] += 100;
  const Tensor after = fit().held_out;
  for (int64_t image = 0; image < kImages; ++image) {
    if (image < kImages / 5) {
      EXPECT_EQ(before[image * 3], after[image * 3]) << image;
    } else {
      EXPECT_NE(before[image * 3], after[image * 3]) << image;
    }
  }
}

TEST_F(RidgeReadoutTest, LeavesOutWhatIsMissing) {
  const RidgeOnMaps whole = ridge();
  const Model of_whole = model_of(fit());
  for (const int64_t image : {3, 20, 41}) responses_[image * 3] = std::nanf("");
  const RidgeOnMaps part = ridge();
  const TrunkReadout of_part = fit();
  EXPECT_TRUE(of_part.held_out.all_finite());
  const Tensor predicted =
      respond_to_all(Predictor(model_of(of_part)), images(), kSquareInput.mean);
  const Tensor wanted = respond_to_all(Predictor(of_whole), images(), kSquareInput.mean);
  EXPECT_GT(squared_correlation(column(predicted, 0), column(wanted, 0)), 0.99);
  // Neurons that miss nothing are fitted as before.
  EXPECT_EQ(whole.penalties[1], part.penalties[1]);
  EXPECT_TRUE(same_bits(whole.weight.reshaped({3, 32}).rows(1, 3),
                        part.weight.reshaped({3, 32}).rows(1, 3)));
}

TEST_F(RidgeReadoutTest, RefusesAndStops) {
  Watching stopping(1);
  EXPECT_THROW(fit(stopping), Stopped);
  for (int64_t image = 0; image < kImages - 15; ++image) responses_[image * 3 + 1] = std::nanf("");
  expect_refused([&] { fit(); }, "at least 16 responses of neuron 1 to fit a readout, got 15");
  responses_ = Tensor(Shape{kImages - 1, 3});
  expect_refused([&] { fit(); }, "wanted responses to 60 images, got 59");
  Architecture other = small_student(3);
  other.input.width = 20;
  trunk_ = Model(other, 1);
  expect_refused([&] { fit(); }, "the trunk reads images of 16 x 20, these have 16 x 16",
                 ErrorKind::kUsage);
}

}  // namespace
}  // namespace secateur
