#include "data/picture_mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "data/seen_manifest.h"
#include "formats/image_writer.h"
#include "tensor/error.h"
#include "tensor/rng.h"
#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kSide = 48;
constexpr int64_t kBytes = int64_t{3} * kSide * kSide;

// Blobs of light: coarse structure as photographs have it.
std::vector<uint8_t> blobs(uint64_t seed, int side = kSide) {
  Rng rng(seed, "picture mark test", 0);
  std::vector<double> pixels(static_cast<size_t>(side * side * 3), 110);
  for (int blob = 0; blob < 8; ++blob) {
    const double x = rng.uniform();
    const double y = rng.uniform();
    const double size = 0.08 + 0.2 * rng.uniform();
    std::array<double, 3> colour{};
    for (double& value : colour) value = 160 * rng.uniform() - 80;
    for (int i = 0; i < side * side; ++i) {
      const double dx = (i % side + 0.5) / side - x;
      const double dy = (i / side + 0.5) / side - y;
      const double light = std::exp(-(dx * dx + dy * dy) / (2 * size * size));
      for (size_t c = 0; c < 3; ++c) pixels[static_cast<size_t>(3 * i) + c] += light * colour[c];
    }
  }
  std::vector<uint8_t> bytes;
  for (const double value : pixels) {
    bytes.push_back(static_cast<uint8_t>(std::clamp(value, 0.0, 255.0)));
  }
  return bytes;
}

std::vector<uint8_t> stored_with_a_loss(const std::vector<uint8_t>& pixels, int quality) {
  return decode_image(encode_jpeg({kSide, kSide, pixels}, quality), "again.jpg").rgb;
}

ImageSourcePtr pictures(const std::vector<std::vector<uint8_t>>& all) {
  std::vector<uint8_t> bytes;
  for (const auto& one : all) bytes.insert(bytes.end(), one.begin(), one.end());
  return images_in_memory(kSide, kSide, bytes);
}

TEST(PictureMarks, AreMeansOfGreyOverTheCells) {
  std::vector<uint8_t> pixels(size_t{3} * 24 * 24, 0);
  // The four pixels of the last cell: grey 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2.
  for (const int at : {22 * 24 + 22, 22 * 24 + 23, 23 * 24 + 22, 23 * 24 + 23}) {
    pixels[static_cast<size_t>(3 * at)] = 200;
    pixels[static_cast<size_t>(3 * at) + 1] = 100;
    pixels[static_cast<size_t>(3 * at) + 2] = 50;
  }
  const PictureMark mark = picture_marks(*images_in_memory(24, 24, pixels)).front();
  EXPECT_EQ(mark.thumbnail.front(), 0);
  EXPECT_EQ(mark.thumbnail.back(), 124);
  EXPECT_EQ(mark.digest.size(), 64u);
}

// One copy and two that were stored again with a loss, among ten thousand.
TEST(PictureIndex, FindsThePlantedAmongTenThousand) {
  std::vector<std::vector<uint8_t>> all;
  for (uint64_t seed = 0; seed < 200; ++seed) all.push_back(blobs(seed));
  std::vector<PictureMark> marks = picture_marks(*pictures(all));
  // Others of the same kind, which need no pixels to be looked through.
  Rng rng(3, "picture mark test", 1);
  while (marks.size() < 10'000) {
    PictureMark mark = marks[marks.size() % 200];
    mark.digest[0] = 'x';
    for (uint8_t& value : mark.thumbnail) {
      value = static_cast<uint8_t>(std::clamp(value + 12 * rng.normal(), 0.0, 255.0));
    }
    marks.push_back(mark);
  }
  const PictureIndex index(marks);
  const std::vector<uint8_t> planted = blobs(77);
  const std::vector<PictureMark> looked_for = picture_marks(*pictures(
      {planted, stored_with_a_loss(planted, 95), stored_with_a_loss(planted, 60), blobs(1000)}));
  EXPECT_EQ(index.same(looked_for[0]), 77u);
  EXPECT_THAT(index.alike(looked_for[0]), IsEmpty());  // itself is not alike
  for (const size_t again : {1, 2}) {
    EXPECT_EQ(index.same(looked_for[again]), std::nullopt);
    EXPECT_THAT(index.alike(looked_for[again]), ElementsAre(77));
  }
  EXPECT_EQ(index.same(looked_for[3]), std::nullopt);
  EXPECT_THAT(index.alike(looked_for[3]), IsEmpty());
}

// All grey pictures would look like one another.
TEST(PictureIndex, LeavesOutWhatIsGreyInTheLarge) {
  std::vector<uint8_t> grey(static_cast<size_t>(kBytes), 128);
  std::vector<uint8_t> other = grey;
  other[0] = 127;
  const std::vector<PictureMark> marks = picture_marks(*pictures({grey, other}));
  EXPECT_THAT(PictureIndex(marks).alike(marks[0]), IsEmpty());
  EXPECT_EQ(PictureIndex(marks).same(marks[1]), 1u);
}

TEST(SeenManifest, IsReadAsItWasWritten) {
  SeenManifest teacher;
  teacher.add(*pictures({blobs(1), blobs(2)}), "session a");
  SeenManifest run;
  run.add(*pictures({blobs(2), blobs(3)}), "session b");
  teacher.add_unknown("u.keras does not say");
  run.add(teacher, "teacher t.safetensors");
  ASSERT_EQ(run.pictures().size(), 3u);  // blobs(2) once
  const SeenManifest again = SeenManifest::parse(run.text(), "list.txt");
  EXPECT_EQ(again.text(), run.text());
  EXPECT_THAT(again.unknown(), ElementsAre("u.keras does not say"));
  EXPECT_EQ(again.pictures()[2].mark.thumbnail, run.pictures()[2].mark.thumbnail);
  EXPECT_THAT(run.text(), HasSubstr(" '0' of session a, seen by teacher t.safetensors\n"));
  EXPECT_EQ(seen_key(run.text()).size(), 32u);
  EXPECT_NE(seen_key(run.text()), seen_key(teacher.text()));
}

TEST(SeenManifest, RefusesAnyOtherFile) {
  SeenManifest manifest;
  manifest.add(*pictures({blobs(1)}), "session a");
  const std::string text = manifest.text();
  const auto refused = [](const std::string& other) {
    return fixture::refusal([&] { SeenManifest::parse(other, "list.txt"); });
  };
  EXPECT_THAT(refused("pictures\n"), HasSubstr("wanted a list that begins with 'secateur seen"));
  EXPECT_THAT(refused(text.substr(0, text.size() - 1)), HasSubstr("line 2 does not end"));
  EXPECT_THAT(refused(text.substr(0, 200) + "\n"), HasSubstr("line 2 is not a digest"));
  std::string capital = text;
  capital[text.find('\n') + 1] = 'G';
  EXPECT_THAT(refused(capital), HasSubstr("line 2 is not a digest"));
  EXPECT_THAT(refused(text + "\n"), HasSubstr("line 3 is not a digest"));
}

}  // namespace
}  // namespace secateur
