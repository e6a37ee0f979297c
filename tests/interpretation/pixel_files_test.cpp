#include "interpretation/pixel_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "formats/atomic_file.h"
#include "formats/image_writer.h"
#include "formats/npy.h"
#include "tensor/error.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using testing::HasSubstr;

const InputSpec kFour{.height = 4, .width = 6};

// Every number of the picture tells its place.
Tensor counted(int64_t n, int64_t h, int64_t w) {
  Tensor rows(Shape{n, h, w, 3});
  for (int64_t i = 0; i < rows.numel(); ++i) rows[i] = static_cast<float>(i % 250) + 0.25f;
  return rows;
}

std::string refusal(const std::filesystem::path& path, bool fit = false) {
  try {
    read_pixels(path, kFour, fit);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    return error.what();
  }
  return "";
}

TEST(PixelFiles, ArraysComeBackAsTheyWere) {
  const TemporaryFolder folder;
  const Tensor rows = counted(3, 4, 6);
  write_npy(folder / "a.npy", rows);
  const PixelImages images = read_pixels(folder / "a.npy", kFour, false);
  EXPECT_EQ(images.pixels.shape(), Shape({3, 3, 4, 6}));
  EXPECT_EQ(images.pixels[24 + 5], rows[5 * 3 + 1]);  // green of the sixth pixel
  EXPECT_THAT(images.names, testing::ElementsAre("0", "1", "2"));
  write_pixels(folder / "b.npy", images.pixels);
  EXPECT_TRUE(same_bits(read_npy_tensor(folder / "b.npy"), rows));
  EXPECT_EQ(read_pixels(folder / "b.npy", kFour, false).identity, images.identity);
  const PixelImages first = read_pixels(folder / "a.npy", kFour, false, 2);
  EXPECT_EQ(first.pixels.dim(0), 2);
  EXPECT_EQ(images_text(first), fmt::format("the first 2 of {} images", images.pixels.dim(0)));
  EXPECT_EQ(images_text(images), fmt::format("{} images", images.pixels.dim(0)));
}

TEST(PixelFiles, PicturesOfAFolderAreReadAndFitted) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "p");
  Image8 picture{.height = 8, .width = 12, .rgb = std::vector<uint8_t>(8 * 12 * 3, 77)};
  write_file_atomically(folder / "p/1.png", encode_png(picture));
  EXPECT_THAT(refusal(folder / "p"), HasSubstr("reads images of 4 x 6"));
  EXPECT_THAT(refusal(folder / "p"), HasSubstr("--fit"));
  const PixelImages images = read_pixels(folder / "p", kFour, true);
  EXPECT_EQ(images.pixels.shape(), Shape({1, 3, 4, 6}));
  EXPECT_EQ(images.pixels[0], 77);
  const Image8 back = picture_of(images.pixels, 0);
  EXPECT_EQ(back.rgb, std::vector<uint8_t>(4 * 6 * 3, 77));
}

TEST(PixelFiles, RefusesWhatAreNoPixels) {
  const TemporaryFolder folder;
  const auto refused = [&](Tensor rows) {
    write_npy(folder / "x.npy", rows);
    return refusal(folder / "x.npy");
  };
  Tensor rows = counted(1, 4, 6);
  rows[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refused(rows), HasSubstr("not finite"));
  rows[3] = 256;
  EXPECT_THAT(refused(rows), HasSubstr("wanted pixels of 0 to 255"));
  EXPECT_THAT(refused(Tensor::full({1, 4, 6, 3}, 0.5f)), HasSubstr("not of 0 to 1"));
  EXPECT_THAT(refused(counted(1, 5, 6)), HasSubstr("have 5 x 6; --fit"));
  EXPECT_THAT(refused(Tensor::zeros({4, 6, 3})), HasSubstr("[images, height, width, 3]"));
  std::filesystem::create_directory(folder / "empty");
  EXPECT_NE(refusal(folder / "empty"), "");
  EXPECT_NE(refusal(folder / "nowhere"), "");
}

}  // namespace
}  // namespace secateur
