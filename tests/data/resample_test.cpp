#include "data/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tensor/rng.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

Image8 drawn(int height, int width, uint64_t seed) {
  Image8 image{height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
  Rng rng(seed, "resample");
  for (uint8_t& v : image.rgb) v = static_cast<uint8_t>(rng.below(256));
  return image;
}

double mean_of(const Image8& image) {
  return std::accumulate(image.rgb.begin(), image.rgb.end(), 0.0) /
         static_cast<double>(image.rgb.size());
}

// Grey levels along x, the same in every row.
Image8 columns(int height, const std::vector<int>& levels) {
  Image8 image{height, static_cast<int>(levels.size()), {}};
  for (int y = 0; y < height; ++y) {
    for (const int level : levels)
      image.rgb.insert(image.rgb.end(), 3, static_cast<uint8_t>(level));
  }
  return image;
}

std::vector<int> first_row(const Image8& image) {
  std::vector<int> levels;
  for (int x = 0; x < image.width; ++x) levels.push_back(image.rgb[static_cast<size_t>(x) * 3]);
  return levels;
}

TEST(Resample, LeavesItsOwnSizeAlone) {
  const Image8 image = drawn(7, 5, 1);
  EXPECT_EQ(resampled(image, 7, 5).rgb, image.rgb);
}

TEST(Resample, KeepsWhatIsFlat) {
  for (const auto& [height, width] : {std::pair{3, 4}, {40, 30}, {1, 1}}) {
    const Image8 image = resampled(columns(9, std::vector<int>(12, 201)), height, width);
    EXPECT_EQ(image.height, height);
    EXPECT_EQ(image.width, width);
    EXPECT_EQ(image.rgb, std::vector<uint8_t>(static_cast<size_t>(height * width * 3), 201));
  }
}

// By hand: twice as large, centres lie a quarter of a pixel beside those of the source.
TEST(Resample, InterpolatesWhereAPictureGrows) {
  EXPECT_EQ(first_row(resampled(columns(2, {0, 100}), 4, 4)), (std::vector<int>{0, 25, 75, 100}));
}

// By hand: half as large, a triangle over four pixels, of weights 1, 3, 3, 1; at the border 3,
// 3, 1.
TEST(Resample, AveragesWhereAPictureShrinks) {
  EXPECT_EQ(first_row(resampled(columns(4, {0, 80, 160, 240}), 2, 2)), (std::vector<int>{57, 183}));
}

TEST(Resample, KeepsTheMeanOfATexture) {
  const Image8 image = drawn(256, 256, 2);
  const Image8 small = resampled(image, 112, 112);
  EXPECT_NEAR(mean_of(small), mean_of(image), 0.5);
}

// Of a wide picture the middle is taken, of a tall one too.
TEST(Resample, TakesTheMiddleOfOtherProportions) {
  EXPECT_EQ(first_row(resampled(columns(2, {9, 9, 50, 50, 9, 9}), 2, 2)),
            (std::vector<int>{50, 50}));
  Image8 tall{6, 2, std::vector<uint8_t>(36, 9)};
  std::fill_n(tall.rgb.begin() + 12, 12, uint8_t{50});
  EXPECT_EQ(resampled(tall, 2, 2).rgb, std::vector<uint8_t>(12, 50));
}

TEST(Resample, OfASourceIsThatOfEachImage) {
  const Image8 first = drawn(9, 14, 1);
  const Image8 second = drawn(9, 14, 2);
  std::vector<uint8_t> pixels = first.rgb;
  pixels.insert(pixels.end(), second.rgb.begin(), second.rgb.end());
  const ImageSourcePtr source = images_in_memory(9, 14, pixels);
  const ImageSourcePtr small = resampled_images(source, 6, 4);
  ASSERT_EQ(small->count(), 2);
  std::vector<uint8_t> got(static_cast<size_t>(small->bytes_per_image()));
  small->read(1, got);
  EXPECT_EQ(got, resampled(second, 6, 4).rgb);
  EXPECT_EQ(small->name(1), source->name(1));
  EXPECT_EQ(small->identity(), "resampled:6x4:" + source->identity());
  EXPECT_EQ(resampled_images(source, 9, 14), source);
  expect_refused([&] { resampled_images(source, 0, 4); }, "wanted a size for pictures, got 0 x 4");
}

TEST(Resample, RefusesWhatIsNoPicture) {
  expect_refused([] { resampled({}, 4, 4); }, "wanted a picture and a size");
  expect_refused([] { resampled(drawn(4, 4, 1), 0, 4); }, "to make 0 x 4 of");
  Image8 torn = drawn(4, 4, 1);
  torn.rgb.pop_back();
  expect_refused([&] { resampled(torn, 2, 2); }, "wanted a picture");
}

// The same picture as numbers: what bytes are rounded from. Grown, shrunk and cut.
TEST(Resample, OfNumbersIsThatOfBytesUnrounded) {
  const Image8 image = drawn(12, 16, 3);
  Tensor numbers(Shape{2, 3, 12, 16});
  for (int64_t i = 0; i < numbers.numel(); ++i) {
    const int64_t pixel = i % (12 * 16);
    const int64_t channel = i / (12 * 16) % 3;
    // The second image is the first, turned into its negative.
    const float value = image.rgb[static_cast<size_t>(pixel * 3 + channel)];
    numbers[i] = i < numbers.numel() / 2 ? value : -value;
  }
  EXPECT_TRUE(same_bits(resampled(numbers, 12, 16), numbers));
  for (const auto& [height, width] : {std::pair{24, 32}, {9, 7}, {31, 12}}) {
    const Image8 wanted = resampled(image, height, width);
    const Tensor made = resampled(numbers, height, width);
    ASSERT_EQ(made.shape(), (Shape{2, 3, height, width}));
    const int64_t pixels = int64_t{height} * width;
    int64_t whole = 0;
    for (int64_t i = 0; i < 3 * pixels; ++i) {
      const double byte = wanted.rgb[static_cast<size_t>(i % pixels * 3 + i / pixels)];
      EXPECT_LE(std::abs(made[i] - byte), 0.5001) << i;
      EXPECT_EQ(made[3 * pixels + i], -made[i]);
      if (made[i] == std::round(made[i])) ++whole;
    }
    EXPECT_LT(whole, pixels);
  }
  expect_refused([&] { resampled(numbers, 0, 4); }, "to make 0 x 4 of");
}

}  // namespace
}  // namespace secateur
