#include "interpretation/representation/rdm_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "interpretation/representation/cka.h"
#include "tensor/error.h"
#include "tests/interpretation/pattern_tables.h"

namespace secateur {
namespace {

constexpr RdmMeasure kAllMeasures[] = {RdmMeasure::kSpearman, RdmMeasure::kKendallTauA,
                                       RdmMeasure::kWhitenedCosine};

Rdm rdm_x() { return correlation_rdm(gram_matrix(table_x())); }
Rdm rdm_y() { return correlation_rdm(gram_matrix(table_y())); }
Rdm rdm_of_product() {
  const Tensor x = table_x(7, 3), y = table_y(7, 3);
  Tensor z(x.shape());
  for (int64_t i = 0; i < z.numel(); ++i) z[i] = x[i] * y[i];
  return correlation_rdm(gram_matrix(z));
}
Rdm rounded_to_halves(Rdm rdm) {
  for (double& d : rdm.distances) d = std::nearbyint(2 * d) / 2;
  return rdm;
}

// scipy.stats.spearmanr; tau a and u^T V^-1 v with V = (C C^T)^2 written out in numpy.
TEST(RdmComparison, IsWhatScipySays) {
  EXPECT_NEAR(rdm_similarity(rdm_x(), rdm_y(), RdmMeasure::kSpearman), 0.05584415584, 1e-9);
  EXPECT_NEAR(rdm_similarity(rdm_x(), rdm_y(), RdmMeasure::kKendallTauA), 0.02857142857, 1e-9);
  EXPECT_NEAR(rdm_similarity(rdm_x(), rdm_y(), RdmMeasure::kWhitenedCosine), 0.3717028371, 1e-6);
}

// Distances of few values, 0, 0.5, 1, 1.5 and 2.
TEST(RdmComparison, TiesAreWhatScipySays) {
  const Rdm x = rounded_to_halves(rdm_x()), y = rounded_to_halves(rdm_y());
  EXPECT_NEAR(rdm_similarity(x, y, RdmMeasure::kSpearman), 0.02328027071, 1e-9);
  EXPECT_NEAR(rdm_similarity(x, y, RdmMeasure::kKendallTauA), 0.01904761905, 1e-9);
}

TEST(RdmComparison, OfAnRdmWithItselfIsOne) {
  for (const RdmMeasure measure : kAllMeasures) {
    EXPECT_NEAR(rdm_similarity(rdm_x(), rdm_x(), measure), 1, 1e-12);
    EXPECT_NEAR(rdm_similarity(rdm_x(), rdm_y(), measure),
                rdm_similarity(rdm_y(), rdm_x(), measure), 1e-12);
  }
  Rdm squared = rdm_x();
  for (double& d : squared.distances) d *= d;
  EXPECT_NEAR(rdm_similarity(rdm_x(), squared, RdmMeasure::kSpearman), 1, 1e-12);
  EXPECT_NEAR(rdm_similarity(rdm_x(), squared, RdmMeasure::kKendallTauA), 1, 1e-12);
  EXPECT_LE(rdm_similarity(rdm_x(), squared, RdmMeasure::kWhitenedCosine), 0.999);
}

// Two ways to one number: of squared Euclidean distances the whitened cosine is linear CKA.
TEST(RdmComparison, TheWhitenedCosineIsCka) {
  const GramMatrix a = gram_matrix(random_patterns(12, 6, 1));
  const GramMatrix b = gram_matrix(random_patterns(12, 9, 2));
  EXPECT_NEAR(rdm_similarity(euclidean_rdm(a), euclidean_rdm(b), RdmMeasure::kWhitenedCosine),
              linear_cka(a, b), 1e-6);
}

TEST(RdmComparison, OfEqualDistancesIsZero) {
  const Rdm equal{.images = 7, .distances = std::vector<double>(21, 0.5)};
  EXPECT_EQ(rdm_similarity(equal, rdm_x(), RdmMeasure::kSpearman), 0);
  EXPECT_EQ(rdm_similarity(equal, rdm_x(), RdmMeasure::kKendallTauA), 0);
}

// The same in numpy: ranks, or RDMs of length 1 in the whitened norm, and their means.
TEST(RdmNoiseCeiling, IsWhatNumpySays) {
  const std::vector<Rdm> rdms = {rdm_x(), rdm_y(), rdm_of_product()};
  const RdmCeiling ranks = rdm_noise_ceiling(rdms, RdmMeasure::kSpearman);
  EXPECT_NEAR(ranks.lower, -0.06053021776, 1e-9);
  EXPECT_NEAR(ranks.upper, 0.5348139056, 1e-9);
  const RdmCeiling whitened = rdm_noise_ceiling(rdms, RdmMeasure::kWhitenedCosine);
  EXPECT_NEAR(whitened.lower, 0.376549393, 1e-6);
  EXPECT_NEAR(whitened.upper, 0.7317323141, 1e-6);
}

// Noisy views of one representation: what is true of them lies between the bounds, one view below.
// (Not so for the cosine, to which the noise that all distances have in common looks like
// likeness.)
TEST(RdmNoiseCeiling, HoldsTheTruthOfNoisyViews) {
  const Tensor truth = random_patterns(20, 30, 3);
  std::vector<Rdm> views;
  for (uint64_t s = 0; s < 6; ++s) {
    Tensor view = random_patterns(20, 30, 10 + s);
    for (int64_t i = 0; i < view.numel(); ++i) view[i] = truth[i] + view[i];
    views.push_back(correlation_rdm(gram_matrix(view)));
  }
  const Rdm model = correlation_rdm(gram_matrix(truth));
  for (const RdmMeasure measure : {RdmMeasure::kSpearman, RdmMeasure::kKendallTauA}) {
    const RdmCeiling ceiling = rdm_noise_ceiling(views, measure);
    double reached = 0;
    double one_view = 0;
    for (const Rdm& view : views) reached += rdm_similarity(model, view, measure) / 6;
    for (size_t i = 1; i < 6; ++i) one_view += rdm_similarity(views[0], views[i], measure) / 5;
    EXPECT_LE(ceiling.lower, reached);
    EXPECT_LE(reached, ceiling.upper);
    EXPECT_LE(one_view, ceiling.lower);
  }
}

TEST(RdmComparison, RefusesWhatDoesNotFit) {
  const Rdm small{.images = 4, .distances = std::vector<double>(6, 0.5)};
  EXPECT_THROW(rdm_similarity(rdm_x(), small, RdmMeasure::kSpearman), Error);
  const Rdm broken{.images = 7, .distances = std::vector<double>(20, 0.5)};
  EXPECT_THROW(rdm_similarity(rdm_x(), broken, RdmMeasure::kSpearman), Error);
  EXPECT_THROW(rdm_noise_ceiling(std::vector<Rdm>{rdm_x()}, RdmMeasure::kSpearman), Error);
}

}  // namespace
}  // namespace secateur
