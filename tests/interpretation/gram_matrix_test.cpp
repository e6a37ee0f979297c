#include "interpretation/representation/gram_matrix.h"

#include <gtest/gtest.h>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/pattern_tables.h"

namespace secateur {
namespace {

// More features than one piece, more images than rows that are multiplied together.
TEST(GramMatrix, IsTheProductsInDouble) {
  const Tensor x = random_patterns(37, 2 * kPatternPiece + 11, 1, 0.5);
  const GramMatrix gram = gram_matrix(x);
  EXPECT_EQ(gram.images, 37);
  EXPECT_EQ(gram.features, x.dim(1));
  for (const auto& [i, k] : {std::pair{0, 0}, {0, 36}, {36, 0}, {20, 7}, {17, 16}}) {
    double product = 0;
    double sum = 0;
    for (int64_t f = 0; f < x.dim(1); ++f) {
      product += double{x[i * x.dim(1) + f]} * x[k * x.dim(1) + f];
      sum += double{x[i * x.dim(1) + f]};
    }
    EXPECT_NEAR(gram.at(i, k), product, 1e-6 * gram.at(0, 0)) << i << " " << k;
    EXPECT_NEAR(gram.sums[static_cast<size_t>(i)], sum, 1e-9) << i;
  }
}

TEST(GramMatrix, HasTheSameBitsOnAnyNumberOfThreads) {
  const Tensor x = random_patterns(50, 5000, 2);
  set_thread_budget(1);
  const GramMatrix one = gram_matrix(x);
  set_thread_budget(3);
  const GramMatrix three = gram_matrix(x);
  set_thread_budget(0);
  EXPECT_EQ(one.products, three.products);
}

TEST(GramMatrix, CentresTheFeatures) {
  const Tensor x = table_x();
  Tensor moved = x.clone();
  for (int64_t i = 0; i < moved.numel(); ++i) moved[i] += static_cast<float>(i % 5);
  const std::vector<double> a = centred_products(gram_matrix(x));
  const std::vector<double> b = centred_products(gram_matrix(moved));
  double row = 0;
  for (size_t k = 0; k < a.size(); ++k) {
    EXPECT_NEAR(a[k], b[k], 1e-5);
    row += k < 7 ? a[k] : 0;
  }
  EXPECT_NEAR(row, 0, 1e-12);
  EXPECT_TRUE(patterns_differ(gram_matrix(x)));
  EXPECT_FALSE(patterns_differ(gram_matrix(Tensor::full({6, 40}, 0.3f))));
}

TEST(GramMatrix, MeasuresDistances) {
  const Tensor x = Tensor::of({3, 2}, {0, 0, 3, 4, 3, 4});
  EXPECT_EQ(squared_distances(gram_matrix(x)),
            (std::vector<double>{0, 25, 25, 25, 0, 0, 25, 0, 0}));
}

// What is left of two patterns that differ by less than rounding is not a distance.
TEST(GramMatrix, TakesAlmostTheSameForTheSame) {
  for (const int64_t features : {int64_t{40}, 2 * kPatternPiece}) {
    Tensor x = random_patterns(2, features, 1);
    for (int64_t f = 0; f < features; ++f) x[features + f] = x[f] * (1 + 3e-7f);
    EXPECT_EQ(squared_distances(gram_matrix(x)), std::vector<double>(4, 0.0)) << features;
    for (int64_t f = 0; f < features; ++f) x[features + f] = x[f] * 1.01f;
    const GramMatrix gram = gram_matrix(x);
    EXPECT_NEAR(squared_distances(gram)[1], 1e-4 * gram.at(0, 0), 1e-6 * gram.at(0, 0));
  }
}

TEST(GramMatrix, RefusesWhatIsNoPattern) {
  EXPECT_THROW(gram_matrix(Tensor(Shape{0, 4})), Error);
  EXPECT_THROW(gram_matrix(Tensor(Shape{4, 0})), Error);
  EXPECT_THROW(gram_matrix(Tensor::full({4, 2}, INFINITY)), Error);
}

}  // namespace
}  // namespace secateur
