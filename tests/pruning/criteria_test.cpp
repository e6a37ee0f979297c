#include "pruning/variance/criteria.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/conv2d/conv2d.h"
#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"

namespace secateur {
namespace {

constexpr int64_t kImages = 7;

std::vector<int64_t> subset(unsigned bits) {
  std::vector<int64_t> set;
  for (int64_t i = 0; i < 16; ++i) {
    if (bits >> i & 1u) set.push_back(i);
  }
  return set;
}

Tensor depthwise_output(const Model& model, size_t layer, const Tensor& images) {
  const Model frozen = model.frozen();
  const Block& next = model.architecture().blocks[layer + 1];
  const Variable x = frozen.forward_blocks(Variable(images), 0, layer + 1, Mode::kEvaluation);
  const Padding2d padding = same_padding(x.shape()[2], x.shape()[3], next.kernel, next.stride);
  return conv2d(x, frozen.parameter(next.name + ".depthwise.weight"),
                {.stride = next.stride, .padding = padding, .groups = x.shape()[1]})
      .value();
}

// Sum over filters and pixels of the variance over images.
double summed_variance(const std::vector<double>& values, int64_t images) {
  const size_t rest = values.size() / static_cast<size_t>(images);
  double sum = 0;
  for (size_t k = 0; k < rest; ++k) {
    double mean = 0;
    for (int64_t i = 0; i < images; ++i) mean += values[static_cast<size_t>(i) * rest + k];
    mean /= static_cast<double>(images);
    for (int64_t i = 0; i < images; ++i) {
      const double d = values[static_cast<size_t>(i) * rest + k] - mean;
      sum += d * d / static_cast<double>(images);
    }
  }
  return sum;
}

// The pointwise output of the layer after `layer` when it reads the filters of `set` only.
std::vector<double> pointwise_output(const Tensor& d, const Tensor& weights,
                                     const std::vector<int64_t>& set) {
  const int64_t pixels = d.dim(2) * d.dim(3);
  std::vector<double> y;
  for (int64_t i = 0; i < d.dim(0); ++i) {
    for (int64_t o = 0; o < weights.dim(0); ++o) {
      for (int64_t p = 0; p < pixels; ++p) {
        double sum = 0;
        for (const int64_t c : set) {
          sum += double{weights[o * weights.dim(1) + c]} * d[(i * d.dim(1) + c) * pixels + p];
        }
        y.push_back(sum);
      }
    }
  }
  return y;
}

TEST(FilterCovariance, AnswersForEverySubsetAsBruteForceDoes) {
  const Model model = lively_model(student_architecture({5, 4, 4, 3, 3}, kSmallInput), 3);
  const Tensor images = random_images(kSmallInput, kImages, 4, 30);
  for (size_t layer = 0; layer < 4; ++layer) {
    const FilterCovariance covariance = measure_covariance(model, layer, batches_of(images, 3));
    const int64_t filters = model.architecture().blocks[layer].filters;
    ASSERT_EQ(covariance.filters(), filters);
    const Tensor d = depthwise_output(model, layer, images);
    const Tensor& weights =
        model.tensor(model.architecture().blocks[layer + 1].name + ".pointwise.weight");
    const double whole =
        summed_variance(pointwise_output(d, weights, subset((1u << filters) - 1)), kImages);
    for (unsigned bits = 0; bits < 1u << filters; ++bits) {
      const std::vector<int64_t> set = subset(bits);
      const double wanted = summed_variance(pointwise_output(d, weights, set), kImages);
      EXPECT_LE(std::abs(covariance.centred_sum_of_squares(set) - wanted), 1e-5 * whole)
          << "layer " << layer << ", set " << bits;
    }
  }
}

TEST(FilterCovariance, ScoreIsVarianceTimesSquaredWeights) {
  const Model model = lively_model(student_architecture({5, 4, 4, 3, 3}, kSmallInput), 6);
  const Tensor images = random_images(kSmallInput, kImages, 7, 30);
  const size_t layer = 1;
  const FilterCovariance covariance = measure_covariance(model, layer, batches_of(images, 3));
  const Tensor d = depthwise_output(model, layer, images);
  const Tensor& weights = model.tensor("layer2.pointwise.weight");
  const int64_t pixels = d.dim(2) * d.dim(3);
  for (int64_t c = 0; c < 4; ++c) {
    std::vector<double> own;
    for (int64_t i = 0; i < kImages; ++i) {
      for (int64_t p = 0; p < pixels; ++p) own.push_back(d[(i * 4 + c) * pixels + p]);
    }
    double squares = 0;
    for (int64_t o = 0; o < weights.dim(0); ++o) {
      squares += double{weights[o * 4 + c]} * weights[o * 4 + c];
    }
    const double wanted = summed_variance(own, kImages) * squares;
    EXPECT_LE(std::abs(covariance.score(c) - wanted), 1e-5 * wanted) << c;
  }
}

// A large mean, the same in all images, must not drown the variance.
TEST(FilterCovariance, KeepsItsDigitsBesideALargeMean) {
  Model model = lively_model(student_architecture({3, 3, 3, 3, 3}, kSmallInput), 8);
  const Tensor images = random_images(kSmallInput, kImages, 9);
  Model shifted = model.clone();
  model.tensor("layer0.bn.beta").fill(50.0f);  // neither ever rectifies
  shifted.tensor("layer0.bn.beta").fill(1000.0f);
  const double wanted = measure_covariance(model, 0, batches_of(images, 3)).score(1);
  const double got = measure_covariance(shifted, 0, batches_of(images, 3)).score(1);
  EXPECT_LE(std::abs(got / wanted - 1), 1e-3);
}

TEST(FilterCovariance, RefusesTheLastLayerAndNoImages) {
  const Model model(student_architecture({3, 3, 3, 3, 3}, kSmallInput), 1);
  const ImageVisitor nothing{.count = 0, .visit = [](const ImageBody&) {}};
  expect_refused([&] { measure_covariance(model, 4, nothing); }, "layer 4 is read by the readout");
  expect_refused([&] { measure_covariance(model, 3, nothing); }, "at least one image");
  expect_refused([&] { measure_contributions(model, nothing); }, "at least one image");
  expect_refused([] { FilterCovariance(2, {1, 2, 3, 4}, {1}); }, "two matrices of 2 x 2");
}

TEST(Contributions, SumToTheResponseForBothReadouts) {
  for (const ReadoutKind kind : {ReadoutKind::kDense, ReadoutKind::kFactorised}) {
    Architecture architecture = student_architecture({5, 4, 4, 3, 3}, kSmallInput, 2);
    architecture.readout.kind = kind;
    const Model model = lively_model(architecture, 10);
    const Tensor images = random_images(kSmallInput, kImages, 11, 30);
    const Contributions parts = measure_contributions(model, batches_of(images, 3));
    EXPECT_EQ(parts.images, kImages);
    EXPECT_EQ(parts.outputs, 2);
    EXPECT_EQ(parts.filters, 3);
    const Tensor wanted = answers_of(model, images);
    const std::vector<double> got = parts.response({0, 1, 2});
    double largest = 0;
    for (const float v : wanted.values()) largest = std::max(largest, std::abs(double{v}));
    for (int64_t i = 0; i < wanted.numel(); ++i) {
      EXPECT_LE(std::abs(got[static_cast<size_t>(i)] - wanted[i]), 1e-5 * largest);
    }
  }
}

TEST(Contributions, OfASetAreTheAnswerWithoutTheOthers) {
  const Model model = lively_model(student_architecture({5, 4, 4, 3, 3}, kSmallInput), 12);
  const Tensor images = random_images(kSmallInput, kImages, 13, 30);
  const Contributions parts = measure_contributions(model, batches_of(images, 3));
  Model silenced = model.clone();
  const int64_t pixels = 4 * 3;
  std::fill_n(silenced.tensor("readout.weight").data() + 1 * pixels, pixels, 0.0f);
  const Tensor wanted = answers_of(silenced, images);
  const std::vector<double> got = parts.response({0, 2});
  double largest = 0;
  for (const double v : parts.values) largest = std::max(largest, std::abs(v));
  for (int64_t i = 0; i < kImages; ++i) {
    EXPECT_LE(std::abs(got[static_cast<size_t>(i)] - wanted[i]), 1e-5 * largest);
  }
}

TEST(Contributions, ScoreIsTheDeviationInQuadratureOverOutputs) {
  Contributions parts{.images = 4, .outputs = 2, .filters = 1};
  // Output 0 deviates by 3 (mean 10), output 1 by 4 (mean -1).
  parts.values = {13, 3, 7, -5, 13, -5, 7, 3};
  parts.constant = {0, 0};
  EXPECT_DOUBLE_EQ(parts.score(0), 5);
}

TEST(MeanSquaredCorrelation, IsTheMeanOverOutputs) {
  // Output 0 agrees up to gain and sign, output 1 not at all.
  const std::vector<double> a = {1, 1, 2, -1, 3, -1, 4, 1};
  const std::vector<double> b = {-2, 1, -4, 1, -6, -1, -8, -1};
  EXPECT_LE(std::abs(mean_squared_correlation(a, b, 2) - 0.5), 1e-12);
  expect_refused([&] { mean_squared_correlation(a, {1, 2}, 2); }, "as many teacher responses");
}

}  // namespace
}  // namespace secateur
