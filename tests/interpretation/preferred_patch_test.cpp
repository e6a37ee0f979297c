#include "interpretation/preferred_patch.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tests/interpretation/planted_models.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

constexpr int64_t kSide = 24;

Tensor grey_pictures(int64_t count) {
  Tensor pixels(Shape{count, 3, kSide, kSide});
  const int64_t plane = kSide * kSide;
  for (int64_t i = 0; i < pixels.numel(); ++i) {
    pixels[i] = kPublishedPixelMean[static_cast<size_t>(i / plane % 3)];
  }
  return pixels;
}

void darken(Tensor& pixels, int64_t image, int64_t y, int64_t x, float level) {
  for (int64_t c = 0; c < 3; ++c) pixels[((image * 3 + c) * kSide + y) * kSide + x] = level;
}

TEST(PreferredPatch, IsWhereTheMapIsLargest) {
  const LayeredResponse response(
      planted_model(dark_dot_kernel(5, 0.5), only_at(kSide, kSide, 3, 3)));
  Tensor pixels = grey_pictures(3);
  darken(pixels, 1, 10, 7, 20);
  darken(pixels, 2, 12, 15, 60);
  Observer nobody;
  const auto patches = preferred_patches(response, pixels, nobody);
  ASSERT_EQ(patches.size(), 1u);
  EXPECT_EQ(patches[0].image, 1);
  EXPECT_EQ(patches[0].top, 8);
  EXPECT_EQ(patches[0].left, 5);
  EXPECT_GT(patches[0].value, 50);
  ASSERT_EQ(patches[0].pixels.shape(), Shape({3, 5, 5}));
  EXPECT_EQ(patches[0].pixels[12], 20) << "the dot in the middle";
}

// A dot on the border is darker; its patch would lie outside of the image.
TEST(PreferredPatch, LiesInsideOfTheImage) {
  const LayeredResponse response(
      planted_model(dark_dot_kernel(5, 0.5), only_at(kSide, kSide, 3, 3)));
  Tensor pixels = grey_pictures(1);
  darken(pixels, 0, 0, 0, 0);
  darken(pixels, 0, 12, 15, 60);
  Observer nobody;
  const auto patches = preferred_patches(response, pixels, nobody);
  EXPECT_EQ(patches[0].top, 10);
  EXPECT_EQ(patches[0].left, 13);
}

TEST(PreferredPatch, OfALayerThatSeesMoreThanTheImageHasTheMeansOutside) {
  const LayeredResponse response(small_student());
  Observer nobody;
  const auto patches = preferred_patches(response, random_pixels(4), nobody);
  ASSERT_EQ(patches.size(), 4u + 5 + 3 + 4 + 3);
  // 5, then 4 more at steps of 1, 2, 4 and 4 pixels.
  const int64_t sides[] = {5, 9, 17, 33, 49};
  bool outside = false;
  for (const PreferredPatch& patch : patches) {
    EXPECT_EQ(patch.pixels.dim(1), sides[patch.layer]);
    if (patch.layer == 4 && patch.value > 0) {
      outside = patch.top < 0 && patch.pixels[0] == kPublishedPixelMean[0];
    }
  }
  EXPECT_TRUE(outside);
}

// What lies outside of a patch does not change the value in its middle.
TEST(PreferredPatch, HoldsAllThatTheFilterSees) {
  const LayeredResponse response(small_student());
  Tensor pixels = random_pixels(1);
  Observer nobody;
  const auto patches = preferred_patches(response, pixels, nobody);
  const PreferredPatch& patch = patches[5];  // layer1
  ASSERT_EQ(patch.layer, 1u);
  ASSERT_GT(patch.value, 0);
  for (int64_t y = 0; y < 16; ++y) {
    for (int64_t x = 0; x < 16; ++x) {
      const bool inside =
          y >= patch.top && y < patch.top + 9 && x >= patch.left && x < patch.left + 9;
      for (int64_t c = 0; c < 3 && !inside; ++c) pixels[(c * 16 + y) * 16 + x] = 0;
    }
  }
  const Model& model = response.model();
  Tensor map = pixels.clone();
  for (int64_t i = 0; i < map.numel(); ++i) {
    map[i] -= kPublishedPixelMean[static_cast<size_t>(i / 256)];
  }
  map = model.forward_blocks(Variable(map), 0, 2, Mode::kEvaluation).value();
  // Stride 2 and 1 pixel of padding above, 1 below: place p sees pixels from 2 p - 3 on.
  const int64_t y = (patch.top + 3) / 2, x = (patch.left + 3) / 2;
  EXPECT_NEAR(map[(patch.filter * 8 + y) * 8 + x], patch.value, 1e-3 * patch.value);
}

TEST(PreferredPatch, RefusesResidualBlocks) {
  const LayeredResponse response(
      Model(member_architecture({.stem = 4, .width = 4, .middle = 2, .residual_blocks = 1},
                                small_input(), 1),
            1));
  Observer nobody;
  EXPECT_THROW(preferred_patches(response, random_pixels(2), nobody), Error);
}

}  // namespace
}  // namespace secateur
