#include "training/trunk_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "formats/atomic_file.h"
#include "formats/npy.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tests/formats/expect_refused.h"
#include "tests/temporary_folder.h"
#include "tests/watching.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

// Two maps of half the size: every second pixel of red, and a constant.
class SmallTrunk final : public Trunk {
 public:
  explicit SmallTrunk(std::string name = "small") : name_(std::move(name)) {}
  const InputSpec& input() const override { return input_; }
  Shape maps() const override { return {2, 4, 4}; }
  std::string identity() const override { return name_; }
  Tensor operator()(const Tensor& images) const override {
    computed += images.dim(0);
    Tensor result(Shape{images.dim(0), 2, 4, 4});
    for (int64_t i = 0; i < result.numel(); ++i) {
      const int64_t image = i / 32;
      const int64_t pixel = i % 16 / 4 * 16 + i % 4 * 2;
      result[i] = i % 32 < 16 ? images[image * 192 + pixel] : constant;
    }
    return result;
  }
  mutable int64_t computed = 0;  // images
  float constant = 0.5f;

 private:
  std::string name_;
  InputSpec input_{.height = 8, .width = 8, .mean = {1, 2, 3}};
};

ImageSourcePtr coloured(int64_t count, int side, uint8_t first = 0) {
  std::vector<uint8_t> pixels(static_cast<size_t>(count * side * side * 3));
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<uint8_t>(first + i * 31 + i / 97);
  }
  return images_in_memory(side, side, pixels);
}

Tensor all_maps(const Trunk& trunk, const ImageSourcePtr& images, const fs::path& cache,
                Observer& observer) {
  Tensor all(Shape{images->count(), 2, 4, 4});
  int64_t next = 0;
  for_each_trunk_batch(
      trunk, *images, cache,
      [&](const Tensor& maps, int64_t first) {
        EXPECT_EQ(first, next);
        next += maps.dim(0);
        std::copy_n(maps.data(), maps.numel(), all.data() + first * 32);
      },
      observer);
  EXPECT_EQ(next, images->count());
  return all;
}

Tensor all_maps(const Trunk& trunk, const ImageSourcePtr& images, const fs::path& cache) {
  Observer nobody;
  return all_maps(trunk, images, cache, nobody);
}

std::vector<fs::path> kept_with(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

constexpr int64_t kMoreThanABatch = 70;

TEST(TrunkFeatures, AreTheTrunksMapsOfCentredImages) {
  const SmallTrunk trunk;
  const ImageSourcePtr images = coloured(kMoreThanABatch, 8);
  const Tensor maps = all_maps(trunk, images, {});
  std::vector<uint8_t> pixels(192);
  images->read(69, pixels);
  EXPECT_EQ(maps[69 * 32 + 5], static_cast<float>(pixels[(2 * 8 + 2) * 3]) - 1);
  EXPECT_EQ(trunk.computed, kMoreThanABatch);
}

TEST(TrunkFeatures, AreComputedOnce) {
  const TemporaryFolder folder;
  const SmallTrunk trunk;
  const ImageSourcePtr images = coloured(kMoreThanABatch, 8);
  const Tensor plain = all_maps(trunk, images, {});
  trunk.computed = 0;
  EXPECT_TRUE(same_bits(all_maps(trunk, images, folder / "new/cache"), plain));
  EXPECT_EQ(trunk.computed, kMoreThanABatch);
  Watching watching;
  EXPECT_TRUE(same_bits(all_maps(trunk, images, folder / "new/cache", watching), plain));
  EXPECT_EQ(trunk.computed, kMoreThanABatch);
  EXPECT_TRUE(watching.said.empty());
  const auto arrays = kept_with(folder / "new/cache", ".npy");
  ASSERT_EQ(arrays.size(), 1u);
  EXPECT_TRUE(same_bits(read_npy_tensor(arrays[0]), plain));
}

TEST(TrunkFeatures, OfOtherTrunksImagesAndPathsAreOthers) {
  const TemporaryFolder folder;
  const SmallTrunk trunk;
  const SmallTrunk other("other");
  all_maps(trunk, coloured(3, 8), folder.path());
  all_maps(other, coloured(3, 8), folder.path());
  EXPECT_EQ(other.computed, 3);
  all_maps(trunk, coloured(3, 8, 1), folder.path());
  EXPECT_EQ(trunk.computed, 6);
  set_reproducibility(Reproducibility::kThreads);
  all_maps(trunk, coloured(3, 8), folder.path());
  set_reproducibility(Reproducibility::kPortable);
  EXPECT_EQ(trunk.computed, 9);
  EXPECT_EQ(kept_with(folder.path(), ".npy").size(), 4u);
}

TEST(TrunkFeatures, InMemoryAreTheSame) {
  const TemporaryFolder folder;
  const SmallTrunk trunk;
  const ImageSourcePtr images = coloured(kMoreThanABatch, 8);
  Observer nobody;
  const Tensor wanted = all_maps(trunk, images, {});
  EXPECT_TRUE(same_bits(maps_of(trunk, *images, folder.path(), nobody), wanted));
  trunk.computed = 0;
  EXPECT_TRUE(same_bits(maps_of(trunk, *images, folder.path(), nobody), wanted));
  EXPECT_EQ(trunk.computed, 0);
}

TEST(TrunkFeatures, OfImagesOfAnotherSizeAreRefused) {
  const SmallTrunk trunk;
  expect_refused([&] { all_maps(trunk, coloured(3, 20), {}); },
                 "the trunk reads images of 8 x 8, these have 20 x 20", ErrorKind::kUsage);
}

// Of what damage does to the one pair of files in a folder.
void made_again_after(const std::function<void(const fs::path& npy, const fs::path& json)>& damage,
                      const std::string& sentence) {
  SCOPED_TRACE(sentence);
  const TemporaryFolder folder;
  const SmallTrunk trunk;
  const ImageSourcePtr images = coloured(3, 8);
  const Tensor wanted = all_maps(trunk, images, folder.path());
  damage(kept_with(folder.path(), ".npy").at(0), kept_with(folder.path(), ".json").at(0));
  Watching watching;
  EXPECT_TRUE(same_bits(all_maps(trunk, images, folder.path(), watching), wanted));
  EXPECT_EQ(trunk.computed, 6);
  ASSERT_EQ(watching.said.size(), 1u);
  EXPECT_NE(watching.said[0].find(sentence), std::string::npos) << watching.said[0];
  all_maps(trunk, images, folder.path());
  EXPECT_EQ(trunk.computed, 6) << "what was made again was not kept";
}

void change_last_byte(const fs::path& file) {
  std::string bytes = read_file(file, 1 << 20);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomically(file, bytes);
}

TEST(TrunkFeatures, ThatAreDamagedAreMadeAgain) {
  const std::string again = "; its maps are computed again";
  made_again_after([](const fs::path& npy, const fs::path&) { change_last_byte(npy); },
                   " is damaged: its SHA-256 is another" + again);
  made_again_after([](const fs::path& npy, const fs::path&) { fs::resize_file(npy, 10); },
                   " is damaged: its SHA-256 is another" + again);
  made_again_after([](const fs::path& npy, const fs::path&) { fs::remove(npy); },
                   " cannot be read: ");
  made_again_after([](const fs::path&, const fs::path& json) { fs::remove(json); },
                   " cannot be read: ");
  made_again_after([](const fs::path&, const fs::path& json) { change_last_byte(json); },
                   " cannot be read: ");
}

TEST(TrunkFeatures, OfSomethingElseAreMadeAgain) {
  made_again_after(
      [](const fs::path&, const fs::path& json) {
        std::string text = read_file(json, 1 << 20);
        text.replace(text.find("\"small\""), 7, "\"large\"");
        write_file_atomically(json, text);
      },
      " is of something else");
}

TEST(TrunkFeatures, StopsAnywhereAndLeavesNothingHalf) {
  const TemporaryFolder folder;
  const SmallTrunk trunk;
  const ImageSourcePtr images = coloured(kMoreThanABatch, 8);
  Watching watching(2);
  EXPECT_THROW(all_maps(trunk, images, folder.path(), watching), Stopped);
  EXPECT_TRUE(fs::is_empty(folder.path()));
  Watching whole;
  all_maps(trunk, images, folder.path(), whole);
  expect_runs_to_the_end(whole.heard, "looking through the trunk");
  Watching reading;
  all_maps(trunk, images, folder.path(), reading);
  expect_runs_to_the_end(reading.heard, "reading the trunk's maps");
  EXPECT_EQ(reading.asked, 2);
}

TEST(TrunkFeatures, RefusesMapsThatAreNotFinite) {
  const TemporaryFolder folder;
  SmallTrunk trunk;
  trunk.constant = INFINITY;
  try {
    all_maps(trunk, coloured(3, 8), folder.path());
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "[trunk_features] the trunk's maps of images 0 to 2 are not finite");
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace secateur
