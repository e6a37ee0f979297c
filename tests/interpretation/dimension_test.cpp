#include "interpretation/representation/dimension.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/pattern_tables.h"

namespace secateur {
namespace {

constexpr TwoNnOptions kFewDraws{.discarded = 0.1, .seed = 1, .bootstrap = {.resamples = 100}};

// Uniform on the sphere of `dimension` dimensions, turned into a space of 20.
Tensor sphere(int64_t points, int64_t dimension, uint64_t seed) {
  const int64_t n = dimension + 1;
  Tensor x = random_patterns(points, n, seed);
  Tensor wide = Tensor::zeros({points, 20});
  for (int64_t i = 0; i < points; ++i) {
    double squares = 0;
    for (int64_t k = 0; k < n; ++k) squares += double{x[i * n + k]} * x[i * n + k];
    for (int64_t k = 0; k < n; ++k) {
      wide[i * 20 + k] = static_cast<float>(x[i * n + k] / std::sqrt(squares));
    }
  }
  return times(wide, random_rotation(20, seed + 1));
}

// numpy: S = cov(x.T), tr(S)^2 / tr(S S), and with tr(S S) by the estimator of Song et al.
TEST(ParticipationRatio, IsWhatNumpySays) {
  const ParticipationRatio found = participation_ratio(gram_matrix(table_x()));
  EXPECT_NEAR(found.of_images, 2.634652142, 1e-5);
  EXPECT_NEAR(found.debiased, 3.845532001, 1e-4);
}

TEST(ParticipationRatio, CountsEqualDimensions) {
  const ParticipationRatio many = participation_ratio(gram_matrix(random_patterns(1500, 6, 1, 2)));
  EXPECT_NEAR(many.of_images, 6, 0.1);
  EXPECT_NEAR(many.debiased, 6, 0.1);
  // Fewer images than would be needed: only the debiased number does not see it, on average.
  double plain = 0;
  double debiased = 0;
  for (uint64_t s = 0; s < 20; ++s) {
    const ParticipationRatio few =
        participation_ratio(gram_matrix(random_patterns(40, 20, 50 + s)));
    plain += few.of_images / 20;
    debiased += few.debiased / 20;
  }
  EXPECT_NEAR(plain, 40 * 20 / 60.0, 0.5);
  EXPECT_NEAR(debiased, 20, 0.8);
}

TEST(ParticipationRatio, IsOneOnALineAndZeroAtAPoint) {
  Tensor line(Shape{10, 3});
  for (int64_t i = 0; i < line.numel(); ++i) line[i] = static_cast<float>((i / 3) * (i % 3 + 1));
  EXPECT_NEAR(participation_ratio(gram_matrix(line)).of_images, 1, 1e-6);
  EXPECT_EQ(participation_ratio(gram_matrix(Tensor::full({10, 3}, 2))).of_images, 0);
  EXPECT_EQ(participation_ratio(gram_matrix(Tensor::full({10, 3}, 2))).debiased, 0);
  EXPECT_THROW(participation_ratio(gram_matrix(table_x(3, 3))), Error);
}

// numpy: the slope through the origin over the 6 smallest of 7 ratios, and over the 3 smallest.
TEST(TwoNn, IsWhatNumpySays) {
  const TwoNnDimension found = two_nn_dimension(gram_matrix(table_x()), kFewDraws);
  ASSERT_TRUE(found.dimension);
  EXPECT_NEAR(*found.dimension, 3.56177232, 1e-4);
  EXPECT_EQ(found.images, 7);
  const TwoNnOptions half{.discarded = 0.5, .seed = 1, .bootstrap = {.resamples = 100}};
  EXPECT_NEAR(*two_nn_dimension(gram_matrix(table_x()), half).dimension, 3.0311664, 1e-4);
}

// Images in pairs at nearly one distance from all others: the slope is far above what they can
// span.
TEST(TwoNn, IsNotMeasuredAboveWhatTheImagesSpan) {
  const TwoNnDimension found =
      two_nn_dimension(gram_matrix(random_patterns(12, 4000, 3)), kFewDraws);
  EXPECT_EQ(found.images, 12);
  EXPECT_FALSE(found.dimension);
  EXPECT_FALSE(found.interval);
  EXPECT_TRUE(two_nn_dimension(gram_matrix(random_patterns(12, 3, 3)), kFewDraws).dimension);
}

TEST(TwoNn, FindsTheDimensionOfSpheresWithinTenPercent) {
  for (const int64_t dimension : {1, 2, 4, 7}) {
    const TwoNnDimension found =
        two_nn_dimension(gram_matrix(sphere(1000, dimension, 3)), kFewDraws);
    ASSERT_TRUE(found.dimension && found.interval) << dimension;
    EXPECT_NEAR(*found.dimension, static_cast<double>(dimension),
                0.1 * static_cast<double>(dimension));
    EXPECT_LE(found.interval->low, *found.dimension);
    EXPECT_GE(found.interval->high, *found.dimension);
    EXPECT_LE(found.interval->high - found.interval->low, 0.3 * static_cast<double>(dimension));
  }
}

// A curved line fills many dimensions and is one all the same: what the two measures differ in.
TEST(TwoNn, OfACurveIsOneWhereTheParticipationRatioIsMore) {
  Tensor curve(Shape{1000, 8});
  for (int64_t i = 0; i < 1000; ++i) {
    const double t = Rng(1, "curve", static_cast<uint64_t>(i)).uniform() * 6.283185307;
    for (int64_t k = 0; k < 8; ++k) {
      curve[i * 8 + k] = static_cast<float>(k % 2 == 0 ? std::sin((k / 2 + 1.0) * t)
                                                       : std::cos((k / 2 + 1.0) * t));
    }
  }
  const GramMatrix gram = gram_matrix(curve);
  EXPECT_NEAR(*two_nn_dimension(gram, kFewDraws).dimension, 1, 0.1);
  EXPECT_NEAR(participation_ratio(gram).of_images, 8, 0.3);
}

TEST(TwoNn, LeavesOutPatternsThatAreThereTwice) {
  const Tensor x = random_patterns(50, 3, 1);
  Tensor twice(Shape{54, 3});
  std::copy_n(x.data(), 150, twice.data());
  std::copy_n(x.data(), 12, twice.data() + 150);
  const TwoNnDimension found = two_nn_dimension(gram_matrix(twice), kFewDraws);
  EXPECT_EQ(found.repeated, 8);
  EXPECT_EQ(found.images, 46);
  EXPECT_TRUE(found.dimension);
  EXPECT_FALSE(two_nn_dimension(gram_matrix(Tensor::full({9, 3}, 1)), kFewDraws).dimension);
  EXPECT_THROW(two_nn_dimension(gram_matrix(x), {.discarded = 1}), Error);
}

TEST(TwoNn, HasTheSameBitsOnAnyNumberOfThreads) {
  const Tensor x = random_patterns(80, 30, 2);
  set_thread_budget(1);
  const TwoNnDimension one = two_nn_dimension(gram_matrix(x), kFewDraws);
  set_thread_budget(3);
  const TwoNnDimension three = two_nn_dimension(gram_matrix(x), kFewDraws);
  set_thread_budget(0);
  EXPECT_EQ(one.dimension, three.dimension);
  EXPECT_EQ(one.interval, three.interval);
}

}  // namespace
}  // namespace secateur
