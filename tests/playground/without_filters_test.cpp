#include "playground/without_filters.h"

#include <gtest/gtest.h>

#include "interpretation/layered_response.h"
#include "tensor/error.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

FiltersOn all_on(const Model& model) {
  FiltersOn on;
  for (const Block& block : model.architecture().blocks) {
    on.emplace_back(static_cast<size_t>(block.filters), uint8_t{1});
  }
  return on;
}

double response_to(const Model& model, const Tensor& pixels) {
  const LayeredResponse response(model);
  const std::vector<Tensor> signals = response.signals(pixels);
  return response.response(signals.size() - 1, signals.back());
}

TEST(WithoutFilters, AnswersAsAblationOfEveryFilterToTheLastBit) {
  const Model folded = fold_batch_norm(small_student());
  const LayeredResponse intact(folded);
  const Tensor pixels = random_pixels(1);
  std::vector<Tensor> signals = intact.signals(pixels);
  for (size_t layer = 0; layer < intact.layers(); ++layer) {
    for (int64_t f = 0; f < intact.filters(layer); ++f) {
      FiltersOn on = all_on(folded);
      on[layer][static_cast<size_t>(f)] = 0;
      EXPECT_EQ(response_to(without_filters(folded, on), pixels),
                intact.response_with({layer, {f}}, signals[layer], nullptr))
          << layer << "/" << f;
    }
  }
}

TEST(WithoutFilters, LeavesTheModelAsItIsWithAllOn) {
  const Model folded = fold_batch_norm(small_student());
  const Tensor pixels = random_pixels(1);
  EXPECT_EQ(response_to(without_filters(folded, all_on(folded)), pixels),
            response_to(folded, pixels));
}

TEST(WithoutFilters, HasOnlyTheReadoutsBiasWithAllOfTheLastLayerOff) {
  const Model folded = fold_batch_norm(small_student());
  FiltersOn on = all_on(folded);
  on.back().assign(on.back().size(), 0);
  const double bias = folded.tensor("readout.bias")[0];
  EXPECT_NEAR(response_to(without_filters(folded, on), random_pixels(1)), 3.0 + 2.0 * bias, 1e-6);
}

TEST(WithoutFilters, RefusesFiltersOfAResidualBlock) {
  const Model folded = fold_batch_norm(
      Model(member_architecture({.stem = 4, .width = 4, .middle = 2, .residual_blocks = 1},
                                small_input(), 1),
            5));
  FiltersOn on = all_on(folded);
  on.back().front() = 0;
  EXPECT_THROW(without_filters(folded, on), Error);
  EXPECT_THROW(without_filters(folded, FiltersOn{}), Error);
}

}  // namespace
}  // namespace secateur
