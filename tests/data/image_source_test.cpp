#include "data/image_source.h"

#include <gtest/gtest.h>

#include <thread>

#include "formats/npy.h"
#include "tests/data/image_fixtures.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using fixture::pattern;
using fixture::pattern_png;
using fixture::patterns;
using fixture::read;
using fixture::refusal;

constexpr int kHeight = 6;
constexpr int kWidth = 5;

void write_folder(const std::filesystem::path& folder, int64_t count) {
  for (int64_t i = 1; i <= count; ++i) {
    fixture::write_text(folder / fmt::format("image{}.png", i), pattern_png(i, kHeight, kWidth));
  }
}

std::vector<fixture::Entry> zip_entries(const std::string& top, std::vector<int64_t> numbers) {
  std::vector<fixture::Entry> entries;
  for (int64_t i : numbers) {
    entries.push_back({top + fmt::format("image{}.png", i), pattern_png(i, kHeight, kWidth)});
  }
  return entries;
}

void expect_numbered_from_one(const ImageSource& source, int64_t count) {
  ASSERT_EQ(source.count(), count);
  EXPECT_EQ(source.height(), kHeight);
  EXPECT_EQ(source.width(), kWidth);
  for (int64_t i = 0; i < count; ++i) EXPECT_EQ(read(source, i), pattern(i + 1, kHeight, kWidth));
}

TEST(ImageSource, ReadsAFolderByNumber) {
  const TemporaryFolder folder;
  write_folder(folder.path(), 12);
  fixture::write_text(folder / "notes.txt", "not an image");
  fixture::write_text(folder / "._image1.png", "junk");
  expect_numbered_from_one(*open_images(folder.path()), 12);
}

TEST(ImageSource, ReadsAZipByNumber) {
  const TemporaryFolder folder;
  for (const std::string top : {"", "images_x/"}) {
    auto entries = zip_entries(top, {10, 2, 1, 3, 11, 5, 4, 9, 8, 7, 6});
    entries.insert(entries.begin(), {"__MACOSX/" + top + "._image1.png", "junk"});
    fixture::write_zip(folder / "a.zip", entries);
    expect_numbered_from_one(*open_images(folder / "a.zip"), 11);
  }
}

TEST(ImageSource, ReadsAnArray) {
  const TemporaryFolder folder;
  write_npy(folder / "a.npy", Shape{4, kHeight, kWidth, 3}, patterns(4, kHeight, kWidth));
  const auto source = open_images(folder / "a.npy");
  ASSERT_EQ(source->count(), 4);
  for (int64_t i : {3, 0, 2, 1}) EXPECT_EQ(read(*source, i), pattern(i, kHeight, kWidth));
}

TEST(ImageSource, RefusesWhatIsNoSourceOfImages) {
  const TemporaryFolder folder;
  const std::string root = folder.path().string();
  EXPECT_EQ(refusal([&] { open_images(folder / "none.zip"); }),
            "[images] wanted a folder, a .zip or a .npy file of images, but " + root +
                "/none.zip does not exist");
  fixture::write_text(folder / "a.gif", "GIF89a");
  EXPECT_EQ(refusal([&] { open_images(folder / "a.gif"); }),
            "[images] wanted a folder, a .zip or a .npy file of images, got " + root + "/a.gif");
  EXPECT_EQ(refusal([&] { open_images(folder.path()); }),
            "[" + root + "] wanted .jpg, .jpeg or .png images, got 1 files and none of them");
  write_npy(folder / "b.npy", Shape{2, 3}, std::vector<double>(6, 1.0));
  EXPECT_EQ(
      refusal([&] { open_images(folder / "b.npy"); }),
      "[images] wanted images u1 [images, height, width, 3] in " + root + "/b.npy, got f8 [2, 3]");
  fixture::write_text(folder / "c.zip", "not an archive");
  EXPECT_NE(refusal([&] { open_images(folder / "c.zip"); }), "nothing was thrown");
}

TEST(ImageSource, RefusesMixedSizesOnOpening) {
  const TemporaryFolder folder;
  write_folder(folder / "s", 3);
  fixture::write_text(folder / "s" / "image4.png", pattern_png(4, kWidth, kHeight));
  EXPECT_EQ(refusal([&] { open_images(folder / "s"); }),
            "[images] wanted images of one size in " + (folder / "s").string() +
                ", got 6 x 5 in image1.png and 5 x 6 in image4.png");
}

TEST(ImageSource, RefusesAnImageThatIsCutShort) {
  const TemporaryFolder folder;
  write_folder(folder.path(), 2);
  const std::string whole = pattern_png(2, kHeight, kWidth);
  fixture::write_text(folder / "image2.png", whole.substr(0, whole.size() / 2));
  const std::string sentence = refusal([&] { read(*open_images(folder.path()), 1); });
  EXPECT_NE(sentence.find("image2.png"), std::string::npos) << sentence;
}

TEST(ImageSource, RefusesAPlaceOrRoomThatDoesNotFit) {
  const auto source = images_in_memory(kHeight, kWidth, patterns(3, kHeight, kWidth));
  EXPECT_EQ(refusal([&] { read(*source, 3); }), "[images] wanted an image below 3, got 3");
  EXPECT_EQ(refusal([&] { read(*source, -1); }), "[images] wanted an image below 3, got -1");
  std::vector<uint8_t> small(10);
  EXPECT_EQ(refusal([&] { source->read(0, small); }),
            "[images] wanted room for 6 x 5 x 3 = 90 bytes, got 10");
}

TEST(ImageSource, IdentityNamesContentNotPlace) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  write_folder(a.path(), 3);
  write_folder(b.path(), 3);
  fixture::write_zip(b / "z/c.zip", zip_entries("top/", {2, 3, 1}));
  const std::string identity = open_images(a.path())->identity();
  EXPECT_EQ(identity, open_images(b.path())->identity());
  EXPECT_EQ(identity, open_images(b / "z/c.zip")->identity());
  EXPECT_EQ(identity.find(a.path().string()), std::string::npos);
  fixture::write_text(b / "image3.png", pattern_png(4, kHeight, kWidth));
  EXPECT_NE(identity, open_images(b.path())->identity());
}

TEST(ImageSource, IdentitySeesOtherBytesOfTheSameNumber) {
  const TemporaryFolder folder;
  write_folder(folder.path(), 3);
  const std::string identity = open_images(folder.path())->identity();
  std::string changed = pattern_png(2, kHeight, kWidth);
  changed.back() ^= 1;
  fixture::write_text(folder / "image2.png", changed);
  EXPECT_NE(identity, open_images(folder.path())->identity());
}

TEST(ImageSource, IdentityOfAnArraySeesEveryPixelOfASmallOne) {
  const TemporaryFolder folder;
  std::vector<uint8_t> pixels = patterns(4, kHeight, kWidth);
  write_npy(folder / "a.npy", Shape{4, kHeight, kWidth, 3}, pixels);
  ++pixels.back();
  write_npy(folder / "b.npy", Shape{4, kHeight, kWidth, 3}, pixels);
  EXPECT_NE(open_images(folder / "a.npy")->identity(), open_images(folder / "b.npy")->identity());
}

TEST(ComposedImages, ConcatenatesInOrder) {
  const auto all = images_in_memory(kHeight, kWidth, patterns(7, kHeight, kWidth));
  const auto joined =
      concatenate_images({image_range(all, 0, 3), image_range(all, 3, 3), image_range(all, 3, 7)});
  ASSERT_EQ(joined->count(), 7);
  for (int64_t i = 0; i < 7; ++i) EXPECT_EQ(read(*joined, i), pattern(i, kHeight, kWidth));
  EXPECT_NE(joined->identity(),
            concatenate_images({image_range(all, 3, 7), image_range(all, 0, 3)})->identity());
}

TEST(ComposedImages, SelectsRangesAndPlaces) {
  const auto all = images_in_memory(kHeight, kWidth, patterns(7, kHeight, kWidth));
  const auto range = image_range(all, 2, 5);
  ASSERT_EQ(range->count(), 3);
  EXPECT_EQ(read(*range, 0), pattern(2, kHeight, kWidth));
  EXPECT_EQ(fixture::refusal([&] { read(*range, 3); }), "[images] wanted an image below 3, got 3");
  const auto chosen = select_images(all, {6, 1, 6});
  ASSERT_EQ(chosen->count(), 3);
  EXPECT_EQ(read(*chosen, 0), pattern(6, kHeight, kWidth));
  EXPECT_EQ(read(*chosen, 1), pattern(1, kHeight, kWidth));
  EXPECT_NE(chosen->identity(), select_images(all, {6, 6, 1})->identity());
}

TEST(ComposedImages, RefusesPartsThatDoNotFit) {
  const auto all = images_in_memory(kHeight, kWidth, patterns(7, kHeight, kWidth));
  const auto other = images_in_memory(kWidth, kHeight, patterns(2, kWidth, kHeight));
  EXPECT_EQ(refusal([&] {
              concatenate_images({all, other});
            }),
            "[images] wanted sources of one size to concatenate, got 6 x 5 and 5 x 6");
  EXPECT_EQ(refusal([] { concatenate_images({}); }),
            "[images] wanted at least one source to concatenate, got none");
  EXPECT_EQ(refusal([&] { image_range(all, 3, 8); }),
            "[images] wanted a range within 7 images, got [3, 8)");
  EXPECT_EQ(refusal([&] {
              select_images(all, {0, 7});
            }),
            "[images] wanted places within 7 images, got 7");
}

TEST(CachedImages, DecodesOnceWhenAllFits) {
  const auto probe = std::make_shared<fixture::ProbedImages>(10, kHeight, kWidth);
  const auto cached = cache_images(probe, 10 * probe->bytes_per_image());
  for (int pass = 0; pass < 3; ++pass) {
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(read(*cached, i), pattern(i, kHeight, kWidth));
  }
  EXPECT_EQ(probe->reads, 10);
  EXPECT_EQ(cached->identity(), probe->identity());
}

TEST(CachedImages, KeepsNothingWhenNotAllFits) {
  const auto probe = std::make_shared<fixture::ProbedImages>(10, kHeight, kWidth);
  const auto cached = cache_images(probe, 10 * probe->bytes_per_image() - 1);
  EXPECT_EQ(cached, probe);
}

TEST(CachedImages, AFailedReadIsNotKept) {
  const auto probe = std::make_shared<fixture::ProbedImages>(3, kHeight, kWidth);
  const auto cached = cache_images(probe);
  probe->bad_image = 1;
  EXPECT_EQ(refusal([&] { read(*cached, 1); }), "[probe] image 1 is broken");
  probe->bad_image = -1;
  EXPECT_EQ(read(*cached, 1), pattern(1, kHeight, kWidth));
}

TEST(CachedImages, IsSafeForManyReaders) {
  const auto cached = cache_images(std::make_shared<fixture::ProbedImages>(50, kHeight, kWidth));
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int64_t i = 0; i < 500; ++i) {
          if (read(*cached, i * 7 % 50) != pattern(i * 7 % 50, kHeight, kWidth)) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace secateur
