#include "interpretation/ablation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "interpretation/ablation_scores.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "tests/interpretation/small_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

constexpr int64_t kAblationImages = 12;

TEST(Ablation, LossIsThatOfItsFormulas) {
  const std::vector<double> intact = {1, 2, 3, 6};
  const std::vector<double> ablated = {1, 1, 2, 2};
  // change 0 1 1 4: mean 1.5, variance 2.25; intact: mean 3, variance 3.5; covariance 2.75
  const AblationLoss loss = ablation_loss(intact, ablated);
  EXPECT_DOUBLE_EQ(loss.mean_change, 1.5);
  EXPECT_NEAR(loss.share, 2.75 / 3.5, 1e-12);
  EXPECT_NEAR(loss.variance_missing, 2.25 / 3.5, 1e-12);
  const double r = correlation(intact, ablated);
  EXPECT_NEAR(loss.variance_unexplained, 1 - r * r, 1e-12);
  EXPECT_THROW(ablation_loss(std::vector<double>{2, 2}, std::vector<double>{1, 2}), Error);
}

TEST(Ablation, OfNothingLosesNothingAndOfAWholeLayerAll) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(kAblationImages);
  AblationRuns runs(response, pixels);
  Observer nobody;
  const Ablation ablation = ablate(runs, {{2, {}}, {2, {0, 1, 2}}}, nobody);
  EXPECT_EQ(ablation.ablated[0].loss.variance_missing, 0);
  EXPECT_NEAR(ablation.ablated[0].loss.variance_unexplained, 0, 1e-12);
  EXPECT_NEAR(ablation.ablated[1].loss.variance_missing, 1, 1e-12);
  EXPECT_EQ(ablation.ablated[1].loss.variance_unexplained, 1);
}

TEST(Ablation, SharesOfTheLastLayerSumToOne) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(kAblationImages));
  Observer nobody;
  double last = 0, first = 0;
  for (const AblatedFilters& one : ablate(runs, single_filters(response), nobody).ablated) {
    if (one.set.layer == 4) last += one.loss.share;
    if (one.set.layer == 0) first += one.loss.share;
  }
  EXPECT_NEAR(last, 1, 1e-5);
  EXPECT_GT(std::abs(first - 1), 1e-3);  // below, ReLUs are between
}

TEST(Ablation, ByTheMeanKeepsWhatDoesNotChange) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(kAblationImages);
  Observer nobody;
  AblationRuns by_mean(response, pixels, mean_signals(response, pixels, nobody));
  AblationRuns by_zero(response, pixels);
  const std::vector<FilterSet> sets = {{4, {0}}, {4, {0, 1, 2}}};
  const Ablation mean = ablate(by_mean, sets, nobody);
  const Ablation zero = ablate(by_zero, sets, nobody);
  // The readout is linear: the same variation goes, and the mean stays.
  EXPECT_NEAR(mean.ablated[0].loss.variance_missing, zero.ablated[0].loss.variance_missing, 1e-4);
  EXPECT_NEAR(mean.ablated[0].loss.mean_change, 0, 1e-5);
  EXPECT_GT(std::abs(zero.ablated[0].loss.mean_change), 1e-3);
  EXPECT_NEAR(mean.ablated[1].loss.variance_missing, 1, 1e-6);
}

TEST(Ablation, HasTheSameBitsOnAnyNumberOfThreadsAndWithAndWithoutKeptSignals) {
  const LayeredResponse response(small_student());
  AblationRuns runs(response, random_pixels(kAblationImages));
  Observer nobody;
  const Ablation all = ablate(runs, single_filters(response), nobody);
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    const Ablation again = ablate(runs, single_filters(response), nobody);
    for (size_t s = 0; s < all.ablated.size(); ++s) {
      EXPECT_EQ(all.ablated[s].change, again.ablated[s].change);
    }
  }
  set_thread_budget(0);
  const Ablation one_layer = ablate(runs, {{1, {3}}}, nobody);
  EXPECT_EQ(one_layer.ablated[0].change, all.ablated[4 + 3].change);
  EXPECT_EQ(one_layer.intact, all.intact);
}

TEST(Ablation, ReportsOnOneScaleAndStopsWhenAsked) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(kAblationImages);
  const auto call = [&](Observer& observer) {
    AblationRuns runs(response, pixels);
    ablate(runs, single_filters(response), observer);
  };
  Watching watching;
  call(watching);
  expect_runs_to_the_end(watching.heard, "ablate");
  expect_stops_anywhere(call, 2);
}

TEST(Ablation, RefusesOneImageAndSignalsOfOtherShapes) {
  const LayeredResponse response(small_student());
  EXPECT_THROW(AblationRuns(response, random_pixels(1)), Error);
  EXPECT_THROW(AblationRuns(response, random_pixels(2), {Tensor::zeros({1, 4, 8, 8})}), Error);
  std::vector<Tensor> wrong(5, Tensor::zeros({1, 4, 8, 8}));
  EXPECT_THROW(AblationRuns(response, random_pixels(2), wrong), Error);
}

TEST(AblationScores, RecordedLossLeavesOutWhatWasNotRecorded) {
  const double nan = std::nan("");
  const std::vector<double> recorded = {1, 2, nan, 3, 5, 4};
  const std::vector<double> intact = {1, 2, 99, 3, 5, 4};
  const std::vector<double> ablated = {1, 3, -7, 2, 4, 6};
  const RecordedLoss loss = recorded_loss(recorded, intact, ablated, 1);
  EXPECT_EQ(loss.images, 5);
  EXPECT_NEAR(loss.r2_before, 1, 1e-12);
  const double r =
      correlation(std::vector<double>{1, 2, 3, 5, 4}, std::vector<double>{1, 3, 2, 4, 6});
  EXPECT_NEAR(loss.r2_after, r * r, 1e-12);
  ASSERT_TRUE(loss.difference);
  EXPECT_LE(loss.difference->low, loss.r2_after - loss.r2_before);
  EXPECT_LE(loss.difference->high, 1e-12);
  EXPECT_THROW(recorded_loss(recorded, intact, std::vector<double>{1, 2}, 1), Error);
}

TEST(AblationScores, DifferenceIsOfTheSameImages) {
  // Both predictions are equal, so no resample can tell them apart, however noisy they are.
  const std::vector<double> recorded = {1, 5, 2, 4, 3, 9};
  const std::vector<double> predicted = {2, 1, 5, 3, 3, 4};
  const RecordedLoss loss = recorded_loss(recorded, predicted, predicted, 1);
  ASSERT_TRUE(loss.difference);
  EXPECT_EQ(loss.difference->low, 0);
  EXPECT_EQ(loss.difference->high, 0);
}

TEST(AblationScores, TuningLossIsZeroUnchangedOneFlatTwoTurnedOver) {
  const std::vector<double> intact = {0, 1, 4, 2};
  EXPECT_NEAR(tuning_loss(intact, intact), 0, 1e-12);
  EXPECT_NEAR(tuning_loss(intact, std::vector<double>{7, 8, 11, 9}), 0, 1e-12);
  EXPECT_NEAR(tuning_loss(intact, std::vector<double>{0, 0.5, 2, 1}), 0.5, 1e-12);
  EXPECT_NEAR(tuning_loss(intact, std::vector<double>{3, 3, 3, 3}), 1, 1e-12);
  EXPECT_NEAR(tuning_loss(intact, std::vector<double>{0, -1, -4, -2}), 2, 1e-12);
  EXPECT_THROW(tuning_loss(std::vector<double>{1, 1}, std::vector<double>{1, 2}), Error);
}

}  // namespace
}  // namespace secateur
