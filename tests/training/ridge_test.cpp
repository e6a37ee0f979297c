#include "training/ridge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/rng.h"
#include "tests/formats/expect_refused.h"

namespace secateur {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix normal_matrix(size_t rows, size_t columns, uint64_t seed) {
  Rng rng(seed, "ridge test", 0);
  Matrix x(rows, std::vector<double>(columns));
  for (auto& row : x) {
    for (double& value : row) value = rng.normal();
  }
  return x;
}

std::vector<double> kernel_of(const Matrix& x) {
  std::vector<double> kernel;
  for (const auto& a : x) {
    for (const auto& b : x) {
      double sum = 0;
      for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
      kernel.push_back(sum);
    }
  }
  return kernel;
}

void centre_columns(Matrix& x) {
  for (size_t column = 0; column < x.front().size(); ++column) {
    double mean = 0;
    for (const auto& row : x) mean += row[column] / static_cast<double>(x.size());
    for (auto& row : x) row[column] -= mean;
  }
}

// (a + p I)^-1 by Gauss and Jordan.
Matrix inverse(Matrix a, double p) {
  const size_t n = a.size();
  Matrix inverse(n, std::vector<double>(n));
  for (size_t i = 0; i < n; ++i) {
    a[i][i] += p;
    inverse[i][i] = 1;
  }
  for (size_t k = 0; k < n; ++k) {
    const double pivot = a[k][k];
    for (size_t j = 0; j < n; ++j) {
      a[k][j] /= pivot;
      inverse[k][j] /= pivot;
    }
    for (size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = a[i][k];
      for (size_t j = 0; j < n; ++j) {
        a[i][j] -= factor * a[k][j];
        inverse[i][j] -= factor * inverse[k][j];
      }
    }
  }
  return inverse;
}

struct Problem {
  Matrix x;
  std::vector<double> y;
};

Problem problem(size_t samples, size_t features, double noise) {
  Problem made{normal_matrix(samples, features, 3), {}};
  Rng rng(4, "ridge noise", 0);
  for (auto& row : made.x) {
    row[0] += 5;  // off centre
    made.y.push_back(7 + row[0] - 2 * row[1] + noise * rng.normal());
  }
  return made;
}

TEST(Ridge, SolvesWhatItSays) {
  const Problem p = problem(12, 30, 0.5);
  const RidgeFit fit = Ridge(kernel_of(p.x)).fit(p.y);
  Matrix centred = p.x;
  centre_columns(centred);
  const std::vector<double> flat = kernel_of(centred);
  Matrix kernel(12, std::vector<double>(12));
  for (size_t i = 0; i < flat.size(); ++i) kernel[i / 12][i % 12] = flat[i];
  const Matrix inverted = inverse(kernel, fit.penalty);
  double mean = 0;
  for (const double y : p.y) mean += y / 12;
  double trace = 0;
  double residual = 0;
  for (size_t i = 0; i < 12; ++i) {
    double dual = 0;
    for (size_t j = 0; j < 12; ++j) dual += inverted[i][j] * (p.y[j] - mean);
    EXPECT_NEAR(fit.dual[i], dual, 1e-10 * std::abs(dual) + 1e-13) << i;
    trace += inverted[i][i];
    residual += fit.penalty * fit.penalty * dual * dual;
  }
  const double free = (fit.penalty * trace - 1) / 12;
  EXPECT_NEAR(fit.gcv, residual / 12 / (free * free), 1e-9 * fit.gcv);
}

// The penalty follows the noise, and GCV is the error on samples that were not seen.
TEST(Ridge, ExpectsTheErrorThatItThenMakes) {
  double penalty = 0;
  for (const double noise : {0.1, 3.0}) {
    const Problem all = problem(400, 60, noise);
    const Matrix seen(all.x.begin(), all.x.begin() + 200);
    const std::vector<double> y(all.y.begin(), all.y.begin() + 200);
    const RidgeFit fit = Ridge(kernel_of(seen)).fit(y);
    std::vector<double> weights(60);
    double offset = 0;
    std::vector<double> middle(60);
    for (size_t i = 0; i < 200; ++i) {
      offset += y[i] / 200;
      for (size_t f = 0; f < 60; ++f) {
        weights[f] += fit.dual[i] * seen[i][f];
        middle[f] += seen[i][f] / 200;
      }
    }
    double error = 0;
    for (size_t i = 200; i < 400; ++i) {
      double response = offset;
      for (size_t f = 0; f < 60; ++f) response += weights[f] * (all.x[i][f] - middle[f]);
      error += (response - all.y[i]) * (response - all.y[i]) / 200;
    }
    EXPECT_NEAR(error / fit.gcv, 1, 0.25) << noise;
    EXPECT_GT(fit.penalty, penalty);
    penalty = fit.penalty;
  }
}

TEST(Ridge, HasNothingToSayOfZeros) {
  const RidgeFit flat = Ridge(std::vector<double>(16, 0.0)).fit(std::vector<double>{1, 2, 3, 4});
  EXPECT_EQ(flat.dual, std::vector<double>(4, 0.0));
  const Problem p = problem(6, 9, 0);
  const RidgeFit constant = Ridge(kernel_of(p.x)).fit(std::vector<double>(6, 2.0));
  for (const double value : constant.dual) EXPECT_EQ(value, 0.0);
  EXPECT_EQ(constant.gcv, 0.0);
}

TEST(Ridge, Refuses) {
  expect_refused([] { Ridge(std::vector<double>(10, 1.0)); }, "the kernel of at least 3 samples");
  expect_refused([] { Ridge(std::vector<double>(4, 1.0)); }, "the kernel of at least 3 samples");
  expect_refused([] { Ridge(std::vector<double>(9, NAN)); }, "finite features");
  const Ridge ridge(std::vector<double>(9, 0.0));
  expect_refused([&] { ridge.fit(std::vector<double>(2)); }, "wanted 3 responses, got 2");
}

// By X^T X where features are fewer than samples, by X X^T where they are not: the same fit as that
// of the kernel.
TEST(FeatureRidge, IsTheRidgeOfItsKernel) {
  for (const size_t features : {4, 30}) {
    const Problem p = problem(12, features, 0.5);
    Tensor x(Shape{12, static_cast<int64_t>(features)});
    for (size_t i = 0; i < 12 * features; ++i) {
      x[static_cast<int64_t>(i)] = static_cast<float>(p.x[i / features][i % features]);
    }
    const RidgeFit wanted = Ridge(kernel_of(p.x)).fit(p.y);
    const FeatureRidge::Fit fit = FeatureRidge(x).fit(p.y);
    EXPECT_NEAR(fit.penalty / wanted.penalty, 1, 1e-4) << features;
    EXPECT_NEAR(fit.gcv / wanted.gcv, 1, 1e-3) << features;
    Matrix centred = p.x;
    centre_columns(centred);
    double response = fit.offset;
    for (size_t k = 0; k < features; ++k) {
      double weight = 0;
      for (size_t i = 0; i < 12; ++i) weight += centred[i][k] * wanted.dual[i];
      EXPECT_NEAR(fit.weights[k], weight, 1e-4) << features;
      response += weight * p.x[3][k];
    }
    EXPECT_NEAR(response, p.y[3], 3) << features;
    expect_refused(
        [&] {
          Tensor bad = x.clone();
          bad[5] = std::nanf("");
          FeatureRidge{bad};
        },
        "wanted finite features");
  }
}

}  // namespace
}  // namespace secateur
