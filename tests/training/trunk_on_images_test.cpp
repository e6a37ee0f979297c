#include "training/trunk_on_images.h"

#include <gtest/gtest.h>

#include "data/resample.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"
#include "tests/formats/expect_refused.h"
#include "tests/training/square_trunk.h"

namespace secateur {
namespace {

const InputSpec kOfTrunk{.height = 8, .width = 8, .mean = {10, 20, 30}};
const InputSpec kOfImages{.height = 4, .width = 4, .mean = {1, 2, 3}};

Tensor pixels_drawn(int64_t count) {
  Tensor pixels(Shape{count, 3, 4, 4});
  Rng rng(1, "tests/trunk_on_images");
  for (float& v : pixels.values()) v = static_cast<float>(rng.uniform(0, 255));
  return pixels;
}

Tensor less(const Tensor& pixels, const InputSpec& input) {
  Tensor images = pixels.clone();
  const int64_t plane = pixels.dim(2) * pixels.dim(3);
  for (int64_t i = 0; i < images.numel(); ++i) {
    images[i] -= input.mean[static_cast<size_t>(i / plane % 3)];
  }
  return images;
}

std::unique_ptr<Trunk> on(const InputSpec& images) {
  return trunk_on_images(std::make_shared<SquareTrunk>(kOfTrunk), images);
}

TEST(TrunkOnImages, SeesThePixelsAtItsOwnSizeAndLessItsOwnMeans) {
  const Tensor pixels = pixels_drawn(3);
  const Tensor made = (*on(kOfImages))(less(pixels, kOfImages));
  const Tensor wanted = SquareTrunk(kOfTrunk)(less(resampled(pixels, 8, 8), kOfTrunk));
  ASSERT_EQ(made.shape(), wanted.shape());
  for (int64_t i = 0; i < made.numel(); ++i) {
    EXPECT_LE(std::abs(made[i] - wanted[i]), 1e-5 * (1 + std::abs(wanted[i]))) << i;
  }
}

TEST(TrunkOnImages, IsTheTrunkAsItIsOnItsOwnImages) {
  const Tensor images = less(resampled(pixels_drawn(2), 8, 8), kOfTrunk);
  const auto trunk = on(kOfTrunk);
  EXPECT_TRUE(same_bits((*trunk)(images), SquareTrunk(kOfTrunk)(images)));
  EXPECT_EQ(trunk->identity(), "squares");
}

// For keys of caches and labels.
TEST(TrunkOnImages, IsNamedByWhatItLooksAt) {
  EXPECT_EQ(on(kOfImages)->identity(), "squares:of 4x4 less 1,2,3");
  InputSpec same_size = kOfTrunk;
  same_size.mean[0] = 0.5f;
  EXPECT_EQ(on(same_size)->identity(), "squares:of 8x8 less 0.5,20,30");
  EXPECT_EQ(on(kOfImages)->input(), kOfImages);
  EXPECT_EQ(on(kOfImages)->maps(), (Shape{6, 8, 8}));
}

TEST(TrunkOnImages, GivesTheSameBitsAloneAndOnAnyNumberOfThreads) {
  const Tensor images = less(pixels_drawn(5), kOfImages);
  const Tensor whole = (*on(kOfImages))(images);
  EXPECT_TRUE(same_bits((*on(kOfImages))(images.rows(3, 4)), whole.rows(3, 4)));
  for (const int threads : {1, 3}) {
    set_thread_budget(threads);
    EXPECT_TRUE(same_bits((*on(kOfImages))(images), whole));
  }
  set_thread_budget(0);
}

TEST(TrunkOnImages, RefusesImagesOfAnotherSize) {
  expect_refused(
      [] {
        (*on(kOfImages))(Tensor::zeros({1, 3, 8, 8}));
      },
      "wanted images [n, 3, 4, 4], got [1, 3, 8, 8]");
}

}  // namespace
}  // namespace secateur
