#include "interpretation/patching.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/small_models.h"
#include "tests/watching.h"

namespace secateur {
namespace {

ImagePairs random_pairs(int64_t count) {
  return {.from = random_pixels(count, 16, 11), .into = random_pixels(count, 16, 12)};
}

TEST(Patching, AllFiltersOfALayerGiveTheOtherResponseToTheLastBit) {
  const LayeredResponse response(small_student());
  Observer nobody;
  const Patching patching =
      patch(response, random_pairs(6),
            {{0, {0, 1, 2, 3}}, {1, {4, 3, 2, 1, 0}}, {2, {0, 1, 2}}, {3, {0, 1, 2, 3}}}, nobody);
  for (const PatchedFilters& patched : patching.patched) {
    for (size_t i = 0; i < patching.from.size(); ++i) {
      EXPECT_EQ(patched.change[i], patching.from[i] - patching.into[i]);
    }
    EXPECT_NEAR(patched.share, 1, 1e-12);
  }
}

TEST(Patching, OfOneFilterIsThatOfItsSignal) {
  const LayeredResponse response(small_student());
  const ImagePairs pairs = random_pairs(2);
  Observer nobody;
  const Patching patching = patch(response, pairs, {{1, {2}}}, nobody);
  const Tensor from = response.signals(pairs.from.rows(1, 2))[1];
  Tensor into = response.signals(pairs.into.rows(1, 2))[1].clone();
  const int64_t plane = into.dim(2) * into.dim(3);
  std::copy_n(from.data() + 2 * plane, plane, into.data() + 2 * plane);
  EXPECT_EQ(patching.patched[0].change[1], response.response(1, into) - patching.into[1]);
  EXPECT_NE(patching.patched[0].change[1], 0);
}

TEST(Patching, FiltersOfTheLastLayerAdd) {
  const LayeredResponse response(small_student());
  Observer nobody;
  const std::vector<LayerPatching> layers = patch_filters(response, random_pairs(5), nobody);
  ASSERT_EQ(layers.size(), 5u);
  for (const LayerPatching& layer : layers) {
    EXPECT_EQ(std::ssize(layer.filters), response.filters(layer.layer));
    EXPECT_NEAR(layer.all.share, 1, 1e-12);
    double sum = layer.interaction;
    for (const PatchedFilters& filter : layer.filters) sum += filter.share;
    EXPECT_NEAR(sum, 1, 1e-12);
  }
  EXPECT_NEAR(layers[4].interaction, 0, 1e-4);
  EXPECT_GT(std::abs(layers[0].interaction), 1e-3);
}

TEST(Patching, HasTheSameBitsOnAnyNumberOfThreadsAndStopsWhenAsked) {
  const LayeredResponse response(small_student());
  const ImagePairs pairs = random_pairs(19);
  Observer nobody;
  const Patching once = patch(response, pairs, {{0, {1}}}, nobody);
  set_thread_budget(3);
  const Patching again = patch(response, pairs, {{0, {1}}}, nobody);
  set_thread_budget(0);
  EXPECT_EQ(once.patched[0].change, again.patched[0].change);
  const auto call = [&](Observer& observer) { patch_filters(response, pairs, observer); };
  Watching watching;
  call(watching);
  expect_runs_to_the_end(watching.heard, "patch");
  expect_stops_anywhere(call, 3);
}

TEST(Patching, RefusesPairsWithoutADifference) {
  const LayeredResponse response(small_student());
  const Tensor same = random_pixels(2);
  Observer nobody;
  EXPECT_THROW(patch(response, {same, same}, {{0, {0}}}, nobody), Error);
  EXPECT_THROW(patch(response, {same, random_pixels(3)}, {{0, {0}}}, nobody), Error);
}

}  // namespace
}  // namespace secateur
