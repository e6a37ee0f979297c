#include "analysis/factor_analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tensor/symmetric_matrix.h"
#include "tensor/error.h"
#include "tests/analysis/simulated_population.h"

namespace secateur {
namespace {

// L L^T + Psi
std::vector<double> covariance_with(const std::vector<double>& loadings, size_t n, double own) {
  const size_t q = loadings.size() / n;
  std::vector<double> s(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    s[i * n + i] += own;
    for (size_t k = 0; k < n; ++k) {
      for (size_t f = 0; f < q; ++f) s[i * n + k] += loadings[i * q + f] * loadings[k * q + f];
    }
  }
  return s;
}

TEST(FactorAnalysis, FindsTheLoadingsOfAKnownCovariance) {
  constexpr int64_t n = 12;
  const std::vector<double> loadings = blocks_of(n, 2, 0.7);
  const std::vector<double> s = covariance_with(loadings, n, 0.3);
  const FactorModel model = fit_factors(s, n, 2);
  // Loadings are known up to a rotation, what they make is not.
  const std::vector<double> again = covariance_with(model.loadings, n, 0);
  for (size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(model.own[i], 0.3, 2e-3);
    for (size_t k = 0; k < n; ++k) {
      EXPECT_NEAR(again[i * n + k], s[i * n + k] - (i == k ? 0.3 : 0), 2e-3);
    }
  }
  EXPECT_NEAR(shared_share(model), 0.49 / 0.79, 2e-3);
  EXPECT_EQ(shared_dimensions(model), 2);
  EXPECT_NEAR(fit_factors(s, n, 0).own[3], 0.49 + 0.3, 1e-15);
}

// Against the density and the conditional mean written out with the whole inverse.
TEST(FactorAnalysis, PredictsAsTheGaussianFormulaSays) {
  constexpr size_t n = 5;
  FactorModel model{.neurons = n, .factors = 1, .loadings = {}, .own = {}, .steps = 0};
  model.loadings = {0.9, -0.4, 0.3, 0.0, 1.1};
  model.own = {0.2, 0.5, 1.0, 0.7, 0.4};
  std::vector<double> s = covariance_with(model.loadings, n, 0);
  for (size_t i = 0; i < n; ++i) s[i * n + i] += model.own[i];
  const PositiveInverse inverse = inverse_of(s, n);
  const std::vector<double> x = {1, -2, 0.5, 3, -1};
  double distance = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < n; ++k) distance += x[i] * inverse.inverse[i * n + k] * x[k];
  }
  const FactorPrediction prediction(model);
  EXPECT_NEAR(prediction.log_likelihood(x),
              -0.5 * (5 * std::log(2 * std::numbers::pi) + inverse.log_determinant + distance),
              1e-12);
  // Neuron 0 from the others: S_0r S_rr^-1 x_r.
  std::vector<double> rest(16);
  for (size_t i = 0; i < 4; ++i) {
    for (size_t k = 0; k < 4; ++k) rest[i * 4 + k] = s[(i + 1) * n + k + 1];
  }
  const std::vector<double> of_rest = inverse_of(rest, 4).inverse;
  double expected = 0;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t k = 0; k < 4; ++k) expected += s[i + 1] * of_rest[i * 4 + k] * x[k + 1];
  }
  EXPECT_NEAR(prediction.from_the_others(x)[0], expected, 1e-12);
}

TEST(FactorAnalysis, RefusesWhatItCannotTell) {
  EXPECT_EQ(most_factors(1), 0);
  EXPECT_EQ(most_factors(2), 0);
  EXPECT_EQ(most_factors(3), 1);
  EXPECT_EQ(most_factors(6), 3);
  EXPECT_EQ(most_factors(82), 69);
  EXPECT_THROW(fit_factors(std::vector<double>{1, 0, 0, 1}, 2, 1), Error);
  EXPECT_THROW(fit_factors(std::vector<double>{1, 0, 0, 0}, 2, 0), Error);
  EXPECT_THROW(fit_factors(std::vector<double>{1, 0, 0}, 2, 0), Error);
}

}  // namespace
}  // namespace secateur
