#include "data/augmentation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/data/image_fixtures.h"

namespace secateur {
namespace {

using fixture::refusal;

constexpr std::array<float, 3> kNoMean = {0, 0, 0};

struct Picture {
  int height;
  int width;
  std::vector<uint8_t> rgb;
};

Picture random_picture() {
  Picture picture;
  picture.height = *rc::gen::inRange(1, 12);
  picture.width = *rc::gen::inRange(1, 40);
  Rng rng(*rc::gen::arbitrary<uint64_t>(), "picture");
  for (int i = 0; i < 3 * picture.height * picture.width; ++i) {
    picture.rgb.push_back(static_cast<uint8_t>(rng.below(256)));
  }
  return picture;
}

std::vector<float> prepared(const Picture& picture, const Augmentation& augmentation,
                            uint64_t seed) {
  std::vector<float> chw(picture.rgb.size());
  prepare_image(picture.rgb, picture.height, picture.width, augmentation, Rng(seed, "test"),
                kNoMean, chw.data());
  return chw;
}

std::vector<float> untouched(const Picture& picture, const std::array<float, 3>& mean = kNoMean) {
  std::vector<float> chw(picture.rgb.size());
  prepare_image(picture.rgb, picture.height, picture.width, mean, chw.data());
  return chw;
}

uint8_t pixel(const Picture& picture, int c, int y, int x) {
  return picture.rgb[static_cast<size_t>(3 * (y * picture.width + x) + c)];
}

float value(const std::vector<float>& chw, const Picture& picture, int c, int y, int x) {
  return chw[static_cast<size_t>((c * picture.height + y) * picture.width + x)];
}

TEST(PrepareImage, MovesChannelsApartAndSubtractsTheirMeans) {
  const Picture picture = {1, 2, {10, 20, 30, 40, 50, 60}};
  EXPECT_EQ(untouched(picture, {1, 2, 3}), (std::vector<float>{9, 39, 18, 48, 27, 57}));
}

TEST(PrepareImage, NoAugmentationIsTheUntouchedImage) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    RC_ASSERT(prepared(picture, Augmentation::none(), *rc::gen::arbitrary<uint64_t>()) ==
              untouched(picture));
  }));
}

TEST(PrepareImage, MirroringTwiceIsTheIdentity) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    const std::vector<float> once = prepared(picture, {.flip = 1}, 1);
    Picture mirrored = picture;
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
          const float seen = value(once, picture, c, y, x);
          RC_ASSERT(seen == pixel(picture, c, y, picture.width - 1 - x));
          mirrored.rgb[static_cast<size_t>(3 * (y * picture.width + x) + c)] =
              static_cast<uint8_t>(seen);
        }
      }
    }
    RC_ASSERT(prepared(mirrored, {.flip = 1}, 1) == untouched(picture));
  }));
}

bool is_shifted(const Picture& picture, const std::vector<float>& chw, int dy, int dx) {
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const int from_y = std::clamp(y - dy, 0, picture.height - 1);
        const int from_x = std::clamp(x - dx, 0, picture.width - 1);
        if (value(chw, picture, c, y, x) != pixel(picture, c, from_y, from_x)) return false;
      }
    }
  }
  return true;
}

TEST(PrepareImage, AShiftMovesPixelsAndRepeatsEdges) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    const int most = *rc::gen::inRange(0, 60);  // also further than the image is wide
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const std::vector<float> chw = prepared(picture, {.flip = 0, .max_shift = most}, seed);
    Rng draws(seed, "test");
    draws.uniform();
    const int dy = static_cast<int>(draws.below(2 * most + 1)) - most;
    const int dx = static_cast<int>(draws.below(2 * most + 1)) - most;
    RC_ASSERT(is_shifted(picture, chw, dy, dx));
  }));
}

TEST(PrepareImage, ShiftsReachBothEndsInBothDirections) {
  Picture picture = {9, 9, std::vector<uint8_t>(9 * 9 * 3, 0)};
  for (int c = 0; c < 3; ++c) picture.rgb[static_cast<size_t>(3 * (4 * 9 + 4) + c)] = 255;
  std::vector<int> seen(25, 0);
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const std::vector<float> chw = prepared(picture, {.flip = 0, .max_shift = 2}, seed);
    const auto at = std::max_element(chw.begin(), chw.begin() + 81) - chw.begin();
    ++seen[static_cast<size_t>((at / 9 - 2) * 5 + at % 9 - 2)];
  }
  for (int count : seen) EXPECT_TRUE(count >= 15 && count <= 70) << count;  // 40 expected
}

TEST(PrepareImage, ContrastAndBrightnessFollowTheFormula) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    const Augmentation augmentation = {.flip = 0, .contrast = 0.9, .brightness = 200};
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const std::vector<float> chw = prepared(picture, augmentation, seed);
    Rng draws(seed, "test");
    draws.uniform();
    draws.below(1);
    draws.below(1);
    const double gain = draws.uniform(0.1, 1.9);
    const double added = draws.uniform(-200, 200);
    double sum = 0;
    for (uint8_t p : picture.rgb) sum += p;
    const double mean = sum / static_cast<double>(picture.rgb.size());
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
          const double wanted =
              std::clamp((pixel(picture, c, y, x) - mean) * gain + mean + added, 0.0, 255.0);
          RC_ASSERT(std::abs(value(chw, picture, c, y, x) - wanted) <= 1e-3);
        }
      }
    }
  }));
}

// Between the four pixels around the place, computed here pixel by pixel in double.
TEST(PrepareImage, ZoomFollowsTheFormula) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    const int shift = *rc::gen::inRange(0, 4);
    const double zoom = *rc::gen::inRange(1, 30) / 10.0;
    const bool flip = *rc::gen::arbitrary<bool>();
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const std::vector<float> chw =
        prepared(picture, {.flip = flip ? 1.0 : 0.0, .max_shift = shift, .zoom = zoom}, seed);
    Rng draws(seed, "test");
    draws.uniform();
    const double dy = static_cast<double>(draws.below(2 * shift + 1)) - shift;
    const double dx = static_cast<double>(draws.below(2 * shift + 1)) - shift;
    draws.uniform();
    draws.uniform();
    const double span = std::log1p(zoom);
    const double factor = std::exp(draws.uniform(-span, span));
    RC_ASSERT(factor >= 1 / (1 + zoom) && factor <= 1 + zoom);
    const auto place = [&](int i, double moved, int count) {
      const double middle = (count - 1) / 2.0;
      return std::clamp(middle + (i - moved - middle) / factor, 0.0, count - 1.0);
    };
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const double at_y = place(y, dy, picture.height);
        const double at_x = place(x, dx, picture.width);
        double wanted = 0;
        for (int v = 0; v < picture.height; ++v) {
          for (int u = 0; u < picture.width; ++u) {
            const double weight =
                std::max(0.0, 1 - std::abs(v - at_y)) * std::max(0.0, 1 - std::abs(u - at_x));
            wanted += weight * pixel(picture, 1, v, flip ? picture.width - 1 - u : u);
          }
        }
        RC_ASSERT(std::abs(value(chw, picture, 1, y, x) - wanted) <= 1e-3);
      }
    }
  }));
}

TEST(PrepareImage, ValuesStayWithinTheRangeOfPixels) {
  EXPECT_TRUE(rc::check([] {
    const Picture picture = random_picture();
    const Augmentation extreme = {
        .max_shift = 5, .contrast = 1, .brightness = 255, .zoom = *rc::gen::inRange(0, 4) * 1.0};
    for (float v : prepared(picture, extreme, *rc::gen::arbitrary<uint64_t>())) {
      RC_ASSERT(v >= 0.0f && v <= 255.0f);
    }
  }));
}

TEST(PrepareImage, FlipsAsOftenAsAsked) {
  const Picture picture = {1, 2, {1, 1, 1, 2, 2, 2}};
  int mirrored = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    if (prepared(picture, {.flip = 0.25}, seed)[0] == 2) ++mirrored;
  }
  EXPECT_TRUE(mirrored >= 195 && mirrored <= 305) << mirrored;  // 4 standard deviations
}

TEST(Augmentation, SurvivesJson) {
  EXPECT_TRUE(rc::check([] {
    const Augmentation made = {.flip = *rc::gen::inRange(0, 101) / 100.0,
                               .max_shift = *rc::gen::inRange(0, 100),
                               .contrast = *rc::gen::inRange(0, 101) / 100.0,
                               .brightness = *rc::gen::inRange(0, 256) * 1.0,
                               .zoom = *rc::gen::inRange(0, 401) / 100.0};
    const auto text = nlohmann::json(made).dump();
    RC_ASSERT(nlohmann::json::parse(text).get<Augmentation>() == made);
  }));
}

TEST(Augmentation, RefusesJsonItDoesNotKnow) {
  const auto sentence = [](const char* text) {
    return refusal([&] { nlohmann::json::parse(text).get<Augmentation>(); });
  };
  EXPECT_EQ(nlohmann::json::parse("{}").get<Augmentation>(), Augmentation{});
  EXPECT_EQ(sentence(R"({"flips": 1})"),
            "[augmentation] wanted the keys flip, max_shift, contrast, brightness and zoom, got "
            "'flips'");
  EXPECT_EQ(sentence(R"({"flip": "yes"})"), "[augmentation] wanted a number for flip, got 'yes'");
  EXPECT_EQ(sentence(R"({"max_shift": 1.5})"),
            "[augmentation] wanted a whole number for max_shift, got 1.5");
  EXPECT_EQ(sentence(R"({"max_shift": 5000000000})"),
            "[augmentation] wanted max_shift between 0 and 4096, got 5000000000");
  EXPECT_EQ(sentence(R"({"flip": 1.5})"), "[augmentation] wanted flip between 0 and 1, got 1.5");
  EXPECT_EQ(sentence("[1]"), "[augmentation] wanted an object, got a list of 1");
}

TEST(Augmentation, RefusesValuesOutOfRange) {
  EXPECT_EQ(refusal([] { check({.contrast = std::nan("")}); }),
            "[augmentation] wanted contrast between 0 and 1, got nan");
  EXPECT_EQ(refusal([] { check({.max_shift = -1}); }),
            "[augmentation] wanted max_shift between 0 and 4096, got -1");
}

}  // namespace
}  // namespace secateur
