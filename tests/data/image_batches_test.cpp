#include "data/image_batches.h"

#include <gtest/gtest.h>

#include "data/augmentation.h"
#include "tensor/arena.h"
#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using fixture::ProbedImages;
using fixture::refusal;

TEST(ImageBatches, ShowsEveryImageOnceInOrder) {
  const ProbedImages images(11, 6, 7);
  for (const int threads : {0, 1, 3}) {
    int64_t seen = 0;
    for_each_image_batch(
        images, kChannelMean, 4,
        [&](const Tensor& batch, int64_t first) {
          EXPECT_EQ(first, seen);
          EXPECT_EQ(batch.shape(), (Shape{first == 8 ? 3 : 4, 3, 6, 7}));
          for (int64_t k = 0; k < batch.dim(0); ++k) {
            Tensor wanted({1, 3, 6, 7});
            prepare_image(fixture::pattern(first + k, 6, 7), 6, 7, kChannelMean, wanted.data());
            EXPECT_TRUE(same_bits(batch.rows(k, k + 1), wanted)) << first + k;
          }
          seen += batch.dim(0);
        },
        threads);
    EXPECT_EQ(seen, 11);
  }
}

TEST(ImageBatches, MemoryStaysFlat) {
  const ProbedImages images(1000, 6, 7);
  const int64_t before = arena_use().bytes_in_use;
  arena_reset_peak();
  for_each_image_batch(
      images, kChannelMean, 10, [](const Tensor&, int64_t) {}, 2);
  EXPECT_LE(arena_use().peak_in_use - before, 4 * 10 * 3 * 6 * 7 * 4 + 64 * 64);
  EXPECT_EQ(arena_use().bytes_in_use, before);
}

TEST(ImageBatches, PassesFailuresOn) {
  ProbedImages images(11, 6, 7);
  images.bad_image = 5;
  for (const int threads : {0, 2}) {
    int64_t batches = 0;
    EXPECT_EQ(refusal([&] {
                for_each_image_batch(
                    images, kChannelMean, 2, [&](const Tensor&, int64_t) { ++batches; }, threads);
              }),
              "[probe] image 5 is broken");
    EXPECT_EQ(batches, 2);
    EXPECT_THROW(for_each_image_batch(
                     images, kChannelMean, 2, [](const Tensor&, int64_t) { throw 1; }, threads),
                 int);
  }
}

TEST(ImageBatches, RefusesNoBatch) {
  EXPECT_EQ(refusal([] {
              for_each_image_batch(
                  ProbedImages(1, 2, 2), kChannelMean, 0, [](const Tensor&, int64_t) {}, 1);
            }),
            "[images] wanted a batch size of at least 1 and threads of at least 0, got 0 and 1");
}

}  // namespace
}  // namespace secateur
