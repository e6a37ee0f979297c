#include "tensor/rng.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <vector>

#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers that come with Random123.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, SeekEqualsDrawing) {
  const bool holds = rc::check([](uint64_t seed, uint64_t index) {
    const int skipped = *rc::gen::inRange(0, 50);
    const int before = *rc::gen::inRange(0, 7);
    Rng drawn(seed, "a purpose", index);
    for (int i = 0; i < skipped; ++i) drawn.bits();
    Rng sought(seed, "a purpose", index);
    for (int i = 0; i < before; ++i) sought.bits();  // wherever it was
    sought.seek(static_cast<uint64_t>(skipped));
    RC_ASSERT(sought.position() == drawn.position());
    for (int i = 0; i < 9; ++i) RC_ASSERT(sought.bits() == drawn.bits());
  });
  EXPECT_TRUE(holds);
}

TEST(Rng, SeekReachesFarPlaces) {
  Rng far(1, "far");
  far.seek((uint64_t{1} << 40) - 2);
  const std::vector<uint32_t> across = {far.bits(), far.bits(), far.bits(), far.bits()};
  far.seek(uint64_t{1} << 40);
  EXPECT_EQ(far.bits(), across[2]);
  EXPECT_EQ(far.bits(), across[3]);
  Rng near(1, "far");
  EXPECT_NE(near.bits(), across[2]);
}

TEST(Rng, StreamsOfOtherNamesDiffer) {
  const auto first = [](uint64_t seed, const char* purpose, uint64_t index) {
    Rng rng(seed, purpose, index);
    const uint64_t upper = rng.bits();
    return (upper << 32) | rng.bits();
  };
  std::set<uint64_t> starts;
  for (uint64_t seed : {0, 1, 2, 256}) {
    for (const char* purpose : {"", "order", "augmentation", "simulation/a", "simulation/b"}) {
      for (uint64_t index : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, uint64_t{1} << 63}) {
        starts.insert(first(seed, purpose, index));
      }
    }
  }
  EXPECT_EQ(starts.size(), 4u * 5u * 4u);
  EXPECT_EQ(first(7, "order", 3), first(7, "order", 3));
}

TEST(Rng, UniformStaysInItsRange) {
  Rng rng(3, "uniform");
  double sum = 0;
  double squares = 0;
  double smallest = 1;
  double largest = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    sum += u;
    squares += u * u;
    smallest = std::min(smallest, u);
    largest = std::max(largest, u);
    const double v = rng.uniform(-3, -1);
    ASSERT_TRUE(v >= -3 && v < -1);
  }
  EXPECT_GE(smallest, 0);
  EXPECT_LT(largest, 1);
  EXPECT_LE(smallest, 1e-3);
  EXPECT_LE(1 - largest, 1e-3);
  EXPECT_LE(std::abs(sum / kDraws - 0.5), 5 / std::sqrt(12.0 * kDraws));
  EXPECT_LE(std::abs(squares / kDraws - 1.0 / 3), 5 * std::sqrt(4.0 / 45 / kDraws));
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments(int draws, const std::function<double()>& draw) {
  std::vector<double> values(static_cast<size_t>(draws));
  for (double& v : values) v = draw();
  Moments m;
  m.mean = std::accumulate(values.begin(), values.end(), 0.0) / draws;
  double third = 0;
  double fourth = 0;
  for (const double v : values) {
    const double d = v - m.mean;
    m.variance += d * d / draws;
    third += d * d * d / draws;
    fourth += d * d * d * d / draws;
  }
  m.skewness = third / std::pow(m.variance, 1.5);
  m.kurtosis = fourth / (m.variance * m.variance);
  return m;
}

TEST(Rng, NormalHasTheMomentsOfANormal) {
  constexpr int kDraws = 200000;
  Rng rng(5, "normal");
  const Moments m = moments(kDraws, [&] { return rng.normal(); });
  EXPECT_LE(std::abs(m.mean), 5 / std::sqrt(kDraws));
  EXPECT_LE(std::abs(m.variance - 1), 5 * std::sqrt(2.0 / kDraws));
  EXPECT_LE(std::abs(m.skewness), 5 * std::sqrt(6.0 / kDraws));
  EXPECT_LE(std::abs(m.kurtosis - 3), 5 * std::sqrt(24.0 / kDraws));
}

TEST(Rng, PoissonHasItsMeanAsVariance) {
  constexpr int kDraws = 20000;
  for (const double mean : {0.5, 5.0, 16.0, 200.0}) {
    Rng rng(6, "poisson");
    const Moments m = moments(kDraws, [&] { return static_cast<double>(rng.poisson(mean)); });
    EXPECT_LE(std::abs(m.mean - mean), 5 * std::sqrt(mean / kDraws)) << mean;
    EXPECT_LE(std::abs(m.variance - mean), 5 * std::sqrt((mean + 2 * mean * mean) / kDraws))
        << mean;
  }
}

TEST(Rng, PoissonHasThePoissonFrequencies) {
  constexpr int kDraws = 50000;
  std::vector<int> counts(15, 0);
  Rng rng(7, "poisson");
  for (int i = 0; i < kDraws; ++i)
    ++counts[static_cast<size_t>(std::min<int64_t>(rng.poisson(5), 14))];
  double chi_square = 0;
  double probability = std::exp(-5.0);
  double rest = 1;
  for (int k = 0; k < 14; ++k) {
    const double wanted = kDraws * probability;
    chi_square += (counts[static_cast<size_t>(k)] - wanted) *
                  (counts[static_cast<size_t>(k)] - wanted) / wanted;
    rest -= probability;
    probability *= 5.0 / (k + 1);
  }
  chi_square += (counts[14] - kDraws * rest) * (counts[14] - kDraws * rest) / (kDraws * rest);
  EXPECT_LE(chi_square, 40);  // 14 degrees of freedom: exceeded once in 4000
}

TEST(Rng, PoissonOfZeroIsZeroAndOfNonsenseIsRefused) {
  Rng rng(8, "poisson");
  EXPECT_EQ(rng.poisson(0), 0);
  for (const double bad : {-1.0, std::nan(""), HUGE_VAL}) {
    expect_refused([&] { rng.poisson(bad); }, "wanted a Poisson mean");
  }
}

TEST(Rng, BelowIsUnbiased) {
  Rng rng(9, "below");
  constexpr int kDraws = 70000;
  std::array<int, 7> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts[static_cast<size_t>(rng.below(7))];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 1e4) * (count - 1e4) / 1e4;
  EXPECT_LE(chi_square, 27);  // 6 degrees of freedom: exceeded once in 7000
  EXPECT_EQ(rng.below(1), 0);
}

// With a bound of three eighths of the range of a word, a plain remainder would fall into the lower
// two thirds three times in four.
TEST(Rng, BelowIsUnbiasedForBoundsNearTheRangeOfAWord) {
  Rng rng(10, "below");
  constexpr int64_t kBound = int64_t{3} << 61;
  constexpr int kDraws = 20000;
  int low = 0;
  for (int i = 0; i < kDraws; ++i) {
    const int64_t value = rng.below(kBound);
    ASSERT_TRUE(value >= 0 && value < kBound);
    low += value < kBound / 3 * 2 ? 1 : 0;
  }
  EXPECT_LE(std::abs(low / double{kDraws} - 2.0 / 3), 5 * std::sqrt(2.0 / 9 / kDraws));
}

TEST(Rng, BelowWantsABound) {
  Rng rng(11, "below");
  expect_refused([&] { rng.below(0); }, "a bound of at least 1, got 0");
}

}  // namespace
}  // namespace secateur
