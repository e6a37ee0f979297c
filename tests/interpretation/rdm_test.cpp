#include "interpretation/representation/rdm.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tests/interpretation/pattern_tables.h"

namespace secateur {
namespace {

// numpy: 1 - corrcoef(x)[0, 1], 1 - corrcoef(y)[2, 5].
TEST(Rdm, IsWhatNumpySays) {
  const Rdm x = correlation_rdm(gram_matrix(table_x()));
  ASSERT_EQ(x.distances.size(), 21u);
  EXPECT_NEAR(x.distances[0], 1.859140346, 1e-6);
  // Pairs (0, .) 6, (1, .) 5, then (2, 3), (2, 4), (2, 5).
  EXPECT_NEAR(correlation_rdm(gram_matrix(table_y())).distances[13], 1.984459634, 1e-6);
}

TEST(Rdm, DoesNotSeeGainAndOffsetOfAPattern) {
  const Tensor x = table_x();
  Tensor other = x.clone();
  for (int64_t i = 0; i < 7; ++i) {
    for (int64_t k = 0; k < 5; ++k) {
      other[i * 5 + k] = static_cast<float>(i + 1) * x[i * 5 + k] + static_cast<float>(i);
    }
  }
  const Rdm a = correlation_rdm(gram_matrix(x));
  const Rdm b = correlation_rdm(gram_matrix(other));
  for (size_t p = 0; p < a.distances.size(); ++p) EXPECT_NEAR(a.distances[p], b.distances[p], 1e-5);
}

TEST(Rdm, OfAFlatPatternIsOne) {
  const Rdm rdm = correlation_rdm(gram_matrix(Tensor::of({3, 3}, {1, 2, 3, 2, 2, 2, 3, 2, 1})));
  EXPECT_EQ(rdm.distances[0], 1);
  EXPECT_NEAR(rdm.distances[1], 2, 1e-6);
  EXPECT_EQ(rdm.distances[2], 1);
  EXPECT_THROW(correlation_rdm(gram_matrix(table_x(5, 1))), Error);
}

TEST(Rdm, EuclideanIsAMeanOverFeatures) {
  const Rdm rdm = euclidean_rdm(gram_matrix(Tensor::of({3, 2}, {0, 0, 3, 4, 0, 2})));
  EXPECT_EQ(rdm.distances, (std::vector<double>{12.5, 2, 6.5}));
}

TEST(Rdm, GeoTopologicalKeepsTheMiddleOfTheDistances) {
  const Rdm rdm{.images = 3, .distances = {0.2, 0.5, 1.4}};
  const Rdm middle = geo_topological(rdm, 0.2, 0.8);
  EXPECT_EQ(middle.distances[0], 0);
  EXPECT_NEAR(middle.distances[1], 0.5, 1e-12);
  EXPECT_EQ(middle.distances[2], 1);
  EXPECT_EQ(geo_topological(rdm, 0.5, 0.5).distances, (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(geo_topological_quantiles(rdm, 0.0, 1.0).distances,
            (std::vector<double>{0, (0.5 - 0.2) / (1.4 - 0.2), 1}));
  EXPECT_THROW(geo_topological(rdm, 0.6, 0.5), Error);
  EXPECT_THROW(geo_topological_quantiles(rdm, 0.6, 0.5), Error);
  EXPECT_THROW(geo_topological_quantiles(rdm, -0.1, 0.5), Error);
}

}  // namespace
}  // namespace secateur
