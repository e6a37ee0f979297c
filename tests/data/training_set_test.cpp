#include "data/training_set.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using fixture::refusal;

constexpr int kSide = 6;

ImageSourcePtr five_images() {
  return images_in_memory(kSide, kSide, fixture::patterns(5, kSide, kSide));
}

std::vector<float> filled(const TrainingSet& set, int64_t item) {
  std::vector<float> chw(static_cast<size_t>(set.values_per_item()));
  set.fill(item, chw.data());
  return chw;
}

TEST(TrainingSet, ItemsAreVariantsOfImages) {
  const TrainingSet set(five_images(), fixture::kStrong, 3, 1);
  EXPECT_EQ(set.size(), 15);
  EXPECT_EQ(set.index(4), (ItemIndex{4, 0}));
  EXPECT_EQ(set.index(5), (ItemIndex{0, 1}));
  EXPECT_EQ(set.index(14), (ItemIndex{4, 2}));
  EXPECT_EQ(refusal([&] { set.index(15); }), "[training set] wanted an item below 15, got 15");
  EXPECT_EQ(refusal([&] { set.index(-1); }), "[training set] wanted an item below 15, got -1");
}

TEST(TrainingSet, VariantZeroIsTheUntouchedImage) {
  const TrainingSet set(five_images(), fixture::kStrong, 3, 1, {1, 2, 3});
  for (int64_t image = 0; image < 5; ++image) {
    const std::vector<uint8_t> rgb = fixture::pattern(image, kSide, kSide);
    const std::vector<float> chw = filled(set, image);
    for (size_t c = 0; c < 3; ++c) {
      for (size_t p = 0; p < kSide * kSide; ++p) {
        ASSERT_EQ(chw[c * kSide * kSide + p],
                  static_cast<float>(rgb[3 * p + c]) - static_cast<float>(c + 1));
      }
    }
  }
}

TEST(TrainingSet, AnItemIsAPureFunctionOfItsNumber) {
  const TrainingSet set(five_images(), fixture::kStrong, 4, 9);
  std::set<std::vector<float>> different;
  for (int64_t item = 0; item < set.size(); ++item) different.insert(filled(set, item));
  EXPECT_EQ(different.size(), 20u);
  const std::vector<float> seventeen = filled(set, 17);
  filled(set, 3);
  EXPECT_EQ(filled(set, 17), seventeen);
  EXPECT_EQ(filled(TrainingSet(five_images(), fixture::kStrong, 4, 9), 17), seventeen);
  EXPECT_EQ(filled(TrainingSet(five_images(), fixture::kStrong, 40, 9), 17), seventeen)
      << "more variants must not renumber the old ones";
  EXPECT_NE(filled(TrainingSet(five_images(), fixture::kStrong, 4, 10), 17), seventeen);
}

TEST(TrainingSet, IdentityNamesWhatDecidesTheValues) {
  const auto identity = [](const Augmentation& augmentation, int64_t variants, uint64_t seed,
                           std::array<float, 3> mean) {
    return TrainingSet(five_images(), augmentation, variants, seed, mean).identity();
  };
  const std::string one = identity(fixture::kStrong, 2, 1, {1, 2, 3});
  EXPECT_EQ(one, identity(fixture::kStrong, 2, 1, {1, 2, 3}));
  EXPECT_NE(one, identity({}, 2, 1, {1, 2, 3}));
  EXPECT_NE(one, identity(fixture::kStrong, 3, 1, {1, 2, 3}));
  EXPECT_NE(one, identity(fixture::kStrong, 2, 2, {1, 2, 3}));
  EXPECT_NE(one, identity(fixture::kStrong, 2, 1, {1, 2, 4}));
  EXPECT_EQ(identity(fixture::kStrong, 1, 1, {1, 2, 3}), identity({}, 1, 2, {1, 2, 3}))
      << "untouched images do not depend on the augmentation";
}

TEST(TrainingSet, RefusesEmptyOrUncountableSets) {
  EXPECT_EQ(refusal([] { TrainingSet(images_in_memory(2, 2, {}), {}, 1, 1); }),
            "[training set] wanted at least 1 image, got none");
  EXPECT_EQ(refusal([] { TrainingSet(five_images(), {}, 0, 1); }),
            "[training set] wanted at least 1 variant per image and a countable set, got 0");
  EXPECT_EQ(refusal([] { TrainingSet(five_images(), {}, INT64_MAX, 1); }),
            "[training set] wanted at least 1 variant per image and a countable set, got "
            "9223372036854775807");
  EXPECT_EQ(refusal([] { TrainingSet(five_images(), {.flip = 2}, 1, 1); }),
            "[augmentation] wanted flip between 0 and 1, got 2");
}

}  // namespace
}  // namespace secateur
