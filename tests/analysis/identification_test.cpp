#include "analysis/identification.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/identifying_images.h"
#include "tensor/error.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

constexpr BootstrapOptions kSome{.resamples = 200};

std::vector<double> drawn_patterns(int64_t count, uint64_t seed) {
  Rng rng(seed, "test/patterns", 0);
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(rng.normal());
  return values;
}

TEST(Identification, IsPerfectForTheSamePatternsAndChanceForOthers) {
  const std::vector<double> measured = drawn_patterns(200 * 10, 1);
  std::vector<double> scaled = measured;  // gain and offset of neurons do not matter
  for (size_t i = 0; i < scaled.size(); ++i) {
    scaled[i] = scaled[i] * static_cast<double>(1 + i % 10) - 7 * static_cast<double>(i % 10);
  }
  const Identification perfect = identify(scaled, measured, 200, 10, 1, kSome);
  EXPECT_EQ(perfect.identified, 1);
  EXPECT_EQ(perfect.rank, 0);
  EXPECT_EQ(identified_among(perfect, 10), 1);

  const Identification chance = identify(drawn_patterns(200 * 10, 2), measured, 200, 10, 1, kSome);
  EXPECT_LE(chance.identified, 0.03);
  EXPECT_NEAR(chance.rank, 0.5, 0.07);
  EXPECT_NEAR(identified_among(chance, 2), 0.5, 0.07);
  EXPECT_EQ(identified_among(chance, 1), 1);
  EXPECT_NEAR(identified_among(chance, 200), chance.identified, 1e-12);
}

// Images 2k and 2k + 1 have each other's patterns: the right answer is always the second best.
TEST(Identification, HasAKnownRate) {
  const std::vector<double> measured = drawn_patterns(40 * 80, 3);
  std::vector<double> predicted(measured.size());
  for (size_t i = 0; i < 40; ++i) {
    for (size_t n = 0; n < 80; ++n) {
      // Between its own pattern and its partner's, nearer to the latter.
      predicted[i * 80 + n] = 0.45 * measured[i * 80 + n] + 0.55 * measured[(i ^ 1) * 80 + n];
    }
  }
  // The upper half of them is itself.
  for (size_t i = 20 * 80; i < predicted.size(); ++i) predicted[i] = measured[i];
  const Identification found = identify(predicted, measured, 40, 80, 1, kSome);
  EXPECT_EQ(found.identified, 0.5);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(found.better[i], i < 20 ? 1 : 0) << i;
  EXPECT_NEAR(found.rank, 0.5 / 39, 1e-12);
  // Missed where the one better candidate is among the others.
  EXPECT_NEAR(identified_among(found, 10), 0.5 + 0.5 * (1 - 9.0 / 39), 1e-12);
  EXPECT_LE(found.identified_interval->low, 0.5);
  EXPECT_GE(found.identified_interval->high, 0.5);
}

TEST(Identification, OfAModelThatSaysTheSameOfAllIsChance) {
  const std::vector<double> measured = drawn_patterns(50 * 5, 4);
  const Identification found =
      identify(std::vector<double>(measured.size(), 0.1), measured, 50, 5, 1, kSome);
  EXPECT_EQ(found.identified, 0);
  EXPECT_EQ(found.rank, 0.5);
  EXPECT_EQ(identified_among(found, 50), 0);
}

TEST(Identification, RefusesWhatHasNoPattern) {
  const std::vector<double> two = drawn_patterns(20, 5);
  EXPECT_THROW(identify(two, two, 10, 2, 1), Error);
  EXPECT_THROW(identify(two, two, 1, 20, 1), Error);
  EXPECT_THROW(identify(two, two, 5, 5, 1), Error);
  std::vector<double> missing = two;
  missing[3] = NAN;
  EXPECT_THROW(identify(missing, two, 5, 4, 1), Error);
  EXPECT_THROW(identified_among(identify(two, two, 5, 4, 1), 6), Error);
}

Recording pictured(int64_t images) {
  Recording recording = simulated_population({.neurons = 5, .images = images, .repeats = 2}, 1);
  std::vector<uint8_t> pixels;
  for (int64_t i = 0; i < images; ++i) pixels.insert(pixels.end(), 2 * 2 * 3, uint8_t(i));
  recording.image_source = images_in_memory(2, 2, pixels);
  return recording;
}

TEST(IdentifyingImages, LeaveOutWhatWasSeenAndSayHowMany) {
  Recording recording = pictured(60);
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 60; ++i) {
    // 31 is 2 of the first half, 41 is 40 again.
    pixels.insert(pixels.end(), 2 * 2 * 3, uint8_t(i == 31 ? 2 : i == 41 ? 40 : i));
  }
  recording.image_source = images_in_memory(2, 2, pixels);
  for (int64_t i = 0; i < 60; ++i) recording.mean[static_cast<size_t>(60 + i)] = 1;  // neuron 1
  for (int64_t i = 0; i < 15; ++i) recording.mean[static_cast<size_t>(120 + i)] = NAN;
  recording.mean[static_cast<size_t>(3 * 60 + 50)] = NAN;
  const IdentifyingImages found = identifying_images(recording);
  EXPECT_EQ(found.why_not, "");
  EXPECT_EQ(found.neurons, (std::vector<int64_t>{0, 3, 4}));
  EXPECT_EQ(found.constant_neurons, 1);
  EXPECT_EQ(found.missing_neurons, 1);
  EXPECT_EQ(found.incomplete, 1);
  EXPECT_EQ(found.seen, 1);
  EXPECT_EQ(found.twice, 1);
  EXPECT_EQ(found.fitted.size(), 30u);
  EXPECT_EQ(found.scored.size(), 27u);
  EXPECT_EQ(mean_responses(recording, {4}, {0, 3}),
            (std::vector<double>{recording.mean[4], recording.mean[184]}));
}

TEST(IdentifyingImages, SayWhyNot) {
  Recording recording = pictured(20);
  EXPECT_NE(identifying_images(recording).why_not.find("at least 16 images"), std::string::npos);
  recording.image_source = nullptr;
  EXPECT_NE(identifying_images(recording).why_not.find("no images"), std::string::npos);
  Recording two = pictured(60);
  two.neurons = 2;
  EXPECT_NE(identifying_images(two).why_not.find("at least 3 neurons"), std::string::npos);
}

}  // namespace
}  // namespace secateur
