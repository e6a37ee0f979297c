#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/simulated/dead_leaves.h"
#include "data/simulated/stimuli.h"
#include "data/simulated/stimulus_images.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/sha256.h"

namespace secateur::simulated {
namespace {

std::vector<uint8_t> drawn(uint64_t seed, int64_t index, int size) {
  std::vector<uint8_t> rgb(static_cast<size_t>(3 * size * size));
  draw_stimulus(seed, index, size, rgb.data());
  return rgb;
}

std::string sha256_of_images(const std::vector<uint8_t>& rgb) {
  return sha256_of({reinterpret_cast<const char*>(rgb.data()), rgb.size()});
}

TEST(SimulatedStimuli, APureFunctionOfSeedIndexAndSize) {
  const std::vector<uint8_t> image = drawn(5, 1000000007, 64);
  EXPECT_NE(drawn(5, 1000000008, 64), image);
  EXPECT_NE(drawn(6, 1000000007, 64), image);
  drawn(5, 3, 112);
  EXPECT_EQ(drawn(5, 1000000007, 64), image);
}

TEST(SimulatedStimuli, TheSameOnAnyNumberOfThreadsAndFromAnyStart) {
  const int64_t bytes = 3 * 64 * 64;
  std::vector<uint8_t> wanted;
  for (int64_t i = 10; i < 34; ++i) {
    const std::vector<uint8_t> one = drawn(2, i, 64);
    wanted.insert(wanted.end(), one.begin(), one.end());
  }
  for (int threads : {1, 2, 3, 8}) {
    set_thread_budget(threads);
    EXPECT_EQ(draw_stimuli(2, 10, 24, 64), wanted) << threads << " threads";
  }
  set_thread_budget(0);
  const std::vector<uint8_t> later = draw_stimuli(2, 20, 4, 64);
  EXPECT_TRUE(std::equal(later.begin(), later.end(), wanted.begin() + 10 * bytes));
}

// The drawing uses no function whose last bit the C library chooses, so the hash holds everywhere.
// When it changes on purpose, raise kStimulusVersion in stimulus_images.cpp.
TEST(SimulatedStimuli, BitsAreTheKnownOnes) {
  EXPECT_EQ(sha256_of_images(draw_stimuli(1, 0, 32, 64)),
            "4a96088e6b1e2f099c424b07374126588f4d90665251de33dee652734235c3b9");
  EXPECT_EQ(sha256_of_images(draw_stimuli(1, 0, 8, 112)),
            "6d4920d7303750a7f90c6cbe879b8ddc58423947b5d520a59c8f1b3796401493");
}

TEST(SimulatedStimuli, RefusesSizesThatCannotBeDrawn) {
  uint8_t nothing = 0;
  for (int size : {0, -4, 28, 66, 516}) EXPECT_THROW(draw_stimulus(1, 0, size, &nothing), Error);
  EXPECT_THROW(draw_stimuli(1, 0, -1, 64), Error);
}

struct Statistics {
  double mean[3], deviation[3], between;  // between: deviation over images of the mean of green
  double correlation;                     // of red and blue over pixels
  double clipped;                         // share of values at 0 or 255
};

Statistics measure(const std::vector<uint8_t>& images, int64_t count) {
  const int64_t pixels = static_cast<int64_t>(images.size()) / 3 / count;
  double sum[3] = {}, squares[3] = {}, red_blue = 0, means = 0, clipped = 0;
  for (int64_t i = 0; i < count; ++i) {
    double green = 0;
    for (int64_t p = i * pixels; p < (i + 1) * pixels; ++p) {
      const uint8_t* rgb = images.data() + 3 * p;
      for (int c = 0; c < 3; ++c) {
        sum[c] += rgb[c];
        squares[c] += double{1} * rgb[c] * rgb[c];
        clipped += rgb[c] == 0 || rgb[c] == 255;
      }
      red_blue += double{1} * rgb[0] * rgb[2];
      green += rgb[1];
    }
    means += green / static_cast<double>(pixels) * (green / static_cast<double>(pixels));
  }
  const double n = static_cast<double>(count * pixels);
  Statistics s{};
  for (int c = 0; c < 3; ++c) {
    s.mean[c] = sum[c] / n;
    s.deviation[c] = std::sqrt(squares[c] / n - s.mean[c] * s.mean[c]);
  }
  s.between = std::sqrt(means / static_cast<double>(count) - s.mean[1] * s.mean[1]);
  s.correlation = (red_blue / n - s.mean[0] * s.mean[2]) / (s.deviation[0] * s.deviation[2]);
  s.clipped = clipped / (3 * n);
  return s;
}

TEST(SimulatedStimuli, LevelsAndContrastAreNearPhotographs) {
  for (int size : {64, 112}) {
    const int64_t count = size == 64 ? 300 : 150;
    const Statistics s = measure(draw_stimuli(11, 0, count, size), count);
    const double wanted[] = {116.222, 109.270, 100.381};
    for (int c = 0; c < 3; ++c) {
      EXPECT_LE(std::fabs(s.mean[c] - wanted[c]), 6) << "channel " << c << " size " << size;
      EXPECT_GE(s.deviation[c], 50) << size;
      EXPECT_LE(s.deviation[c], 68) << size;
    }
    EXPECT_GE(s.between, 15) << size;
    EXPECT_LE(s.between, 35) << size;
    EXPECT_GE(s.correlation, 0.6) << size;
    EXPECT_LE(s.correlation, 0.95) << size;
    EXPECT_LE(s.clipped, 0.08) << size;
  }
}

TEST(SimulatedStimuli, NeighbouringPixelsAreAlikeAndDistantOnesAreNot) {
  const int64_t count = 100;
  const std::vector<uint8_t> images = draw_stimuli(12, 0, count, 64);
  double near = 0, far = 0;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t p = 0; p < 64 * 32; ++p) {
      const uint8_t* rgb = images.data() + 3 * (i * 64 * 64 + p / 32 * 64 + p % 32);
      near += std::abs(rgb[0] - rgb[3]);
      far += std::abs(rgb[0] - rgb[3 * 31]);
    }
  }
  EXPECT_LE(near, 0.4 * far);
}

TEST(SimulatedStimuli, RadiiFollowTheInverseCube) {
  for (int size : {64, 112}) {
    Rng rng(7, "test");
    constexpr int kDraws = 40000;
    const double low = 2, high = 0.5 * size;
    int above_4 = 0, above_8 = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double radius = draw_radius(rng, size);
      ASSERT_GE(radius, low);
      ASSERT_LE(radius, high);
      above_4 += radius > 4;
      above_8 += radius > 8;
    }
    const auto tail = [&](double r) {
      return (1 / (r * r) - 1 / (high * high)) / (1 / (low * low) - 1 / (high * high));
    };
    for (const auto& [count, radius] : {std::pair{above_4, 4.0}, std::pair{above_8, 8.0}}) {
      const double share = tail(radius);
      const double error = std::sqrt(share * (1 - share) / kDraws);
      EXPECT_LE(std::fabs(1.0 * count / kDraws - share), 4 * error) << radius;
    }
  }
}

TEST(SimulatedStimuli, ReadAsAnImageSource) {
  const ImageSourcePtr source = stimulus_images(4, 100, 5, 64);
  EXPECT_EQ(source->count(), 5);
  std::vector<uint8_t> rgb(static_cast<size_t>(source->bytes_per_image()));
  source->read(3, rgb);
  EXPECT_EQ(rgb, drawn(4, 103, 64));
  EXPECT_NE(source->identity(), stimulus_images(4, 101, 5, 64)->identity());
  EXPECT_THROW(source->read(5, rgb), Error);
  EXPECT_THROW(stimulus_images(4, 0, 5, 63), Error);
}

}  // namespace
}  // namespace secateur::simulated
