#include "interpretation/layered_response.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "interpretation/changed_response.h"
#include "interpretation/model_input.h"
#include "models/predictor.h"
#include "pruning/removal.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

double predicted(const Model& model, const Tensor& pixels) {
  const Tensor y = Predictor(model)(without_mean(pixels, model.architecture().input));
  return double{y[0]};
}

std::vector<int64_t> all_but(int64_t filters, int64_t filter) {
  std::vector<int64_t> kept(static_cast<size_t>(filters));
  std::iota(kept.begin(), kept.end(), 0);
  kept.erase(kept.begin() + filter);
  return kept;
}

Model residual_member() {
  return unlike_fresh(
      Model(member_architecture({.stem = 6, .width = 8, .middle = 4, .residual_blocks = 2},
                                small_input(), 2),
            5),
      5);
}

TEST(LayeredResponse, HasTheBitsOfThePredictorFromEveryLayerOn) {
  const Model model = small_student();
  const LayeredResponse response(model);
  ASSERT_TRUE(response.fused());
  const Tensor pixels = random_pixels(1);
  const std::vector<Tensor> signals = response.signals(pixels);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    EXPECT_EQ(response.response(layer, signals[layer]), predicted(model, pixels)) << layer;
  }
}

TEST(LayeredResponse, AblatingAFilterIsTheNetworkInWhichNothingReadsItToTheLastBit) {
  const Model model = small_student();
  const LayeredResponse response(model);
  const Tensor pixels = random_pixels(1);
  std::vector<Tensor> signals = response.signals(pixels);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    for (int64_t f = 0; f < response.filters(layer); ++f) {
      const double y = response.response_with({layer, {f}}, signals[layer], nullptr);
      const auto kept = all_but(response.filters(layer), f);
      EXPECT_EQ(y, predicted(mask_filters(model, layer, kept), pixels)) << layer << "/" << f;
      EXPECT_NEAR(y, predicted(keep_filters(model, layer, kept), pixels), 1e-4)
          << layer << "/" << f;
      EXPECT_NE(y, predicted(model, pixels)) << layer << "/" << f;
    }
  }
}

TEST(LayeredResponse, LeavesTheSignalAsItWas) {
  const LayeredResponse response(small_student());
  const std::vector<Tensor> signals = response.signals(random_pixels(1));
  Tensor changed = signals[1].clone();
  response.response_with({1, {4, 0}}, changed, &signals[1]);
  response.response_with({1, {2, 1}}, changed, nullptr);
  EXPECT_TRUE(same_bits(changed, signals[1]));
}

TEST(ChangedResponse, IsResponseWithUpToRounding) {
  const Model model = small_student();
  const LayeredResponse response(model);
  const Tensor pixels = random_pixels(2);
  const std::vector<Tensor> other = response.signals(pixels.rows(1, 2));
  std::vector<Tensor> signals = response.signals(pixels.rows(0, 1));
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    ChangedResponse changed(response, layer, signals[layer]);
    std::vector<FilterSet> sets = {{layer, {}}, {layer, {0, 1}}};
    for (int64_t f = 0; f < response.filters(layer); ++f) sets.push_back({layer, {f}});
    for (const Tensor* with : {static_cast<const Tensor*>(nullptr), &other[layer]}) {
      for (const FilterSet& set : sets) {
        const double y = response.response_with(set, signals[layer], with);
        EXPECT_NEAR(changed.with(set, with), y, 1e-5 * std::abs(y)) << layer;
      }
    }
  }
}

TEST(ChangedResponse, IsTheSameToTheLastBitWhereAFilterIsChangedToItself) {
  const LayeredResponse response(small_student());
  const std::vector<Tensor> signals = response.signals(random_pixels(1));
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    ChangedResponse changed(response, layer, signals[layer]);
    EXPECT_EQ(changed.with({layer, {1}}, &signals[layer]), changed.with({layer, {}}, nullptr));
  }
}

TEST(LayeredResponse, OfResidualBlocksSetsChannelsOfTheSumToZero) {
  const Model model = residual_member();
  const LayeredResponse response(model, 1);
  EXPECT_FALSE(response.fused());
  const Tensor pixels = random_pixels(1);
  std::vector<Tensor> signals = response.signals(pixels);
  const Model alone = fold_batch_norm(select_outputs(model, {1})).frozen();
  const Tensor x = without_mean(pixels, model.architecture().input);
  for (size_t layer = 0; layer < response.layers(); ++layer) {
    Tensor map = alone.forward_blocks(Variable(x), 0, layer + 1, Mode::kEvaluation).value().clone();
    const int64_t plane = map.dim(2) * map.dim(3);
    std::fill_n(map.data() + 2 * plane, plane, 0.0f);
    const Variable above =
        alone.forward_blocks(Variable(map), layer + 1, response.layers(), Mode::kEvaluation);
    const double by_hand = alone.forward_readout(above).value()[0];
    EXPECT_EQ(response.response_with({layer, {2}}, signals[layer], nullptr), by_hand) << layer;
  }
}

TEST(LayeredResponse, MeanSignalsAreTheMeanAndTheSameOnAnyNumberOfThreads) {
  const LayeredResponse response(small_student());
  const Tensor pixels = random_pixels(19);
  Observer nobody;
  const std::vector<Tensor> means = mean_signals(response, pixels, nobody);
  double sum = 0;
  for (int64_t i = 0; i < 19; ++i) sum += response.signals(pixels.rows(i, i + 1))[1][37];
  EXPECT_NEAR(means[1][37], sum / 19, 1e-5);
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    const std::vector<Tensor> again = mean_signals(response, pixels, nobody);
    for (size_t l = 0; l < means.size(); ++l) EXPECT_TRUE(same_bits(means[l], again[l])) << l;
  }
  set_thread_budget(0);
}

TEST(LayeredResponse, RefusesWhatIsNotThere) {
  const LayeredResponse response(small_student());
  EXPECT_THROW(response.check({5, {}}), Error);
  EXPECT_THROW(response.check({1, {5}}), Error);
  EXPECT_THROW(response.check({1, {-1}}), Error);
  EXPECT_THROW(response.check({1, {2, 2}}), Error);
  EXPECT_NO_THROW(response.check({1, {4, 0}}));
  EXPECT_THROW(response.signals(random_pixels(1, 8)), Error);
}

}  // namespace
}  // namespace secateur
