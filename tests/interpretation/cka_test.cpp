#include "interpretation/representation/cka.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tests/interpretation/pattern_tables.h"

namespace secateur {
namespace {

GramMatrix gram_of_random(int64_t images, int64_t features, uint64_t seed) {
  return gram_matrix(random_patterns(images, features, seed));
}

// numpy: K = H X X^T H; (K * L).sum() / sqrt((K * K).sum() (L * L).sum()), and the same of the
// estimator of Song et al., equation 5, written out.
TEST(Cka, IsWhatNumpySays) {
  const GramMatrix x = gram_matrix(table_x());
  const GramMatrix y = gram_matrix(table_y());
  EXPECT_NEAR(linear_cka(x, y), 0.505025886, 1e-6);
  EXPECT_NEAR(debiased_cka(x, y), 0.1208097753, 1e-6);
}

TEST(Cka, IsOneForTheSameUpToRotationShiftAndScale) {
  const Tensor x = random_patterns(40, 12, 1);
  Tensor other = times(x, random_rotation(12, 2));
  for (int64_t i = 0; i < other.numel(); ++i) {
    other[i] = 3 * other[i] + static_cast<float>(i % 12);
  }
  const GramMatrix a = gram_matrix(x);
  const GramMatrix b = gram_matrix(other);
  EXPECT_NEAR(linear_cka(a, a), 1, 1e-12);
  EXPECT_NEAR(debiased_cka(a, a), 1, 1e-12);
  EXPECT_NEAR(linear_cka(a, b), 1, 1e-5);
  EXPECT_NEAR(debiased_cka(a, b), 1, 1e-5);
}

// Scaling single features is not for free: this is what tells it from canonical correlation.
TEST(Cka, SeesAScaledFeature) {
  Tensor scaled = random_patterns(200, 4, 3);
  const GramMatrix before = gram_matrix(scaled);
  for (int64_t i = 0; i < scaled.numel(); i += 4) scaled[i] *= 10;
  EXPECT_LE(linear_cka(before, gram_matrix(scaled)), 0.7);
}

// Two unrelated representations: the plain number is far from 0 when features abound.
TEST(Cka, DebiasedIsNearZeroForUnrelatedPatterns) {
  const GramMatrix a = gram_of_random(60, 300, 4);
  const GramMatrix b = gram_of_random(60, 300, 5);
  EXPECT_GE(linear_cka(a, b), 0.6);
  EXPECT_NEAR(debiased_cka(a, b), 0, 0.1);
  EXPECT_NEAR(linear_cka(gram_of_random(2000, 3, 6), gram_of_random(2000, 3, 7)), 0, 0.01);
}

TEST(Cka, DoesNotDependOnTheOrderOfImages) {
  const Tensor x = random_patterns(9, 6, 8), y = random_patterns(9, 4, 9);
  Tensor xs(x.shape()), ys(y.shape());
  for (int64_t i = 0; i < 9; ++i) {
    const int64_t from = (i * 4 + 1) % 9;
    for (int64_t k = 0; k < 6; ++k) xs[i * 6 + k] = x[from * 6 + k];
    for (int64_t k = 0; k < 4; ++k) ys[i * 4 + k] = y[from * 4 + k];
  }
  EXPECT_NEAR(linear_cka(gram_matrix(x), gram_matrix(y)),
              linear_cka(gram_matrix(xs), gram_matrix(ys)), 1e-9);
  EXPECT_LE(linear_cka(gram_matrix(x), gram_matrix(ys)), 0.99);
}

TEST(Cka, OfWhatDoesNotChangeIsZero) {
  Tensor same = random_patterns(9, 30, 2);
  for (int64_t i = 30; i < same.numel(); ++i) {  // but for the last bit of some
    same[i] = i % 7 == 0 ? std::nextafter(same[i % 30], 9.0f) : same[i % 30];
  }
  const GramMatrix constant = gram_matrix(same);
  const GramMatrix other = gram_of_random(9, 30, 1);
  EXPECT_EQ(linear_cka(constant, other), 0);
  EXPECT_EQ(debiased_cka(other, constant), 0);
  EXPECT_EQ(linear_cka(constant, constant), 0);
}

TEST(Cka, RefusesDifferentImages) {
  EXPECT_THROW(linear_cka(gram_of_random(5, 3, 1), gram_of_random(6, 3, 1)), Error);
  EXPECT_THROW(debiased_cka(gram_of_random(3, 3, 1), gram_of_random(3, 3, 1)), Error);
}

}  // namespace
}  // namespace secateur
