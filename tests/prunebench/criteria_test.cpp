// Every criterion against what its formula gives by another way.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prunebench/criteria/reconstruction.h"
#include "prunebench/selection.h"
#include "pruning/rebuild.h"
#include "pruning/removal.h"
#include "tensor/statistics.h"
#include "tests/formats/expect_refused.h"
#include "tests/prunebench/bench_problem.h"

namespace secateur {
namespace {

// The filters of a layer but one.
std::vector<int64_t> but(int64_t filters, int64_t one) {
  std::vector<int64_t> others;
  for (int64_t f = 0; f < filters; ++f) {
    if (f != one) others.push_back(f);
  }
  return others;
}

TEST(BenchCriteria, ThatKnowAnythingLetASilentFilterGoFirst) {
  const std::vector<int64_t> filters = {5, 4, 6, 4, 5};
  Model model = small_student(filters, 1);
  // No other filter is silent.
  for (const Block& block : model.architecture().blocks) {
    model.tensor(block.name + ".bn.beta").fill(0.8f);
  }
  const std::vector<int64_t> silent = {3, 1, 4, 0, 2};
  for (size_t layer = 0; layer < silent.size(); ++layer) silence(model, layer, silent[layer]);
  const BenchProblem problem(model, small_student(filters, 9));
  for (const Criterion& criterion : all_criteria()) {
    if (criterion.score == nullptr || std::string(criterion.name) == "random") continue;
    const FilterScores scores = problem.scores(criterion.name);
    ASSERT_EQ(scores.size(), filters.size()) << criterion.name;
    for (size_t layer = 0; layer < filters.size(); ++layer) {
      ASSERT_EQ(std::ssize(scores[layer]), filters[layer]) << criterion.name;
      const double score = scores[layer][static_cast<size_t>(silent[layer])];
      // Leaving one out may also help; a silent filter changes nothing.
      if (std::string(criterion.name) == "leave_one_out") {
        EXPECT_LE(std::abs(score), 1e-9) << layer;
        continue;
      }
      EXPECT_EQ(score, *std::ranges::min_element(scores[layer])) << criterion.name << ", " << layer;
      EXPECT_LT(score, *std::ranges::max_element(scores[layer])) << criterion.name << ", " << layer;
    }
  }
}

TEST(BenchCriteria, LeaveOneOutIsTheLossOfTheNetworkWithoutTheFilter) {
  Model model = small_student({4, 3, 4, 3, 3}, 4);
  // Every filter responds, and the teacher is not far.
  for (const Block& block : model.architecture().blocks) {
    model.tensor(block.name + ".bn.beta").fill(0.8f);
  }
  Model teacher = model.clone();
  for (float& v : teacher.tensor("layer2.pointwise.weight").values()) v *= 0.5f;
  const BenchProblem problem(model, teacher);
  const FilterScores scores = problem.scores("leave_one_out");
  const auto r2 = [&](const Model& network) {
    const Tensor answers = answers_of(network, problem.images);
    const std::vector<double> responses(answers.values().begin(), answers.values().end());
    return squared_correlation(responses, problem.labels);
  };
  ASSERT_GT(r2(model), 0.5);
  for (size_t layer = 0; layer < 5; ++layer) {
    const int64_t filters = model.architecture().blocks[layer].filters;
    EXPECT_GT(*std::ranges::max_element(scores[layer]), 1e-3) << layer;
    for (int64_t f = 0; f < filters; ++f) {
      const double wanted = r2(model) - r2(keep_filters(model, layer, but(filters, f)));
      EXPECT_LE(std::abs(scores[layer][static_cast<size_t>(f)] - wanted), 1e-5)
          << "layer " << layer << ", filter " << f;
    }
  }
}

// (dL/dg)^2 by differences, through the readout, in which the last layer is linear: masking moves
// the response by dr/dg exactly.
TEST(BenchCriteria, TaylorOfTheLastLayerIsTheSquaredSlopeOfTheLoss) {
  const Model model = small_student({4, 3, 4, 3, 3}, 6);
  Model teacher = small_student({4, 3, 4, 3, 3}, 7);
  BenchProblem problem(model, teacher);
  // Labels are in the units of the file, the criterion works in those of training.
  problem.model.set_output_scale({0.5}, {3.0});
  const FilterScores scores = problem.scores("taylor");
  const Tensor whole = answers_of(model, problem.images);
  for (int64_t f = 0; f < 3; ++f) {
    const Tensor masked = answers_of(mask_filters(model, 4, but(3, f)), problem.images);
    double wanted = 0;
    for (int64_t i = 0; i < whole.numel(); ++i) {
      const double target = (problem.labels[static_cast<size_t>(i)] - 0.5) / 3.0;
      const double slope = 2 * (whole[i] - target) * (double{whole[i]} - masked[i]);
      wanted += slope * slope / static_cast<double>(whole.numel());
    }
    EXPECT_LE(std::abs(scores[4][static_cast<size_t>(f)] - wanted), 1e-4 * wanted) << f;
  }
}

TEST(BenchCriteria, NormsAreThoseOfTheKernelsOfADenseConvolution) {
  Model model(student_architecture({2, 2, 2, 2, 2}, kSmallInput), 1);
  model.tensor("layer0.conv.weight").fill(-0.5f);
  model.tensor("layer1.depthwise.weight").fill(0.0f);
  model.tensor("layer1.depthwise.weight")[0] = 2;    // of channel 0: L1 2, L2 2
  model.tensor("layer1.depthwise.weight")[25] = -3;  // of channel 1: L1 7, L2 5
  model.tensor("layer1.depthwise.weight")[30] = 4;
  model.tensor("layer1.pointwise.weight") = Tensor::of({2, 2, 1, 1}, {1, -2, 3, 0});
  const BenchProblem problem(model);
  const FilterScores l1 = problem.scores("l1"), l2 = problem.scores("l2");
  EXPECT_DOUBLE_EQ(l1[0][0], 0.5 * 75);
  EXPECT_DOUBLE_EQ(l2[0][1], std::sqrt(0.25 * 75));
  EXPECT_DOUBLE_EQ(l1[1][0], 1 * 2 + 2 * 7);
  EXPECT_DOUBLE_EQ(l1[1][1], 3 * 2);
  EXPECT_DOUBLE_EQ(l2[1][0], std::sqrt(1 * 4 + 4 * 25.0));
  EXPECT_DOUBLE_EQ(l2[1][1], std::sqrt(9 * 4.0));
}

TEST(BenchCriteria, NormScaleIsTheSizeOfGammaAndWantsOne) {
  const Model model = small_student({3, 3, 3, 3, 3}, 2);
  const FilterScores scores = BenchProblem(model).scores("norm_scale");
  const Tensor& gamma = model.tensor("layer2.bn.gamma");
  for (int64_t f = 0; f < 3; ++f) {
    EXPECT_EQ(scores[2][static_cast<size_t>(f)], std::abs(double{gamma[f]}));
  }
  expect_refused([&] { BenchProblem(fold_batch_norm(model)).scores("norm_scale"); },
                 "a batch norm in every layer; layer0 has none", ErrorKind::kUsage);
}

TEST(BenchCriteria, RandomIsDrawnFromTheSeedAlone) {
  const BenchProblem problem(small_student({3, 3, 3, 3, 3}, 2));
  const auto drawn = [&](uint64_t seed) {
    return criterion_named("random").score({problem.model, problem.visitor, problem.labels, seed});
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
}

TEST(BenchCriteria, AnUnknownOneIsRefusedWithTheNames) {
  expect_refused([] { criterion_named("magnitude"); },
                 "no criterion 'magnitude'; there are variance", ErrorKind::kUsage);
}

// The error of a set, with weights fitted anew, by solving for them in the plain way.
double error_of(const ReaderFits::Layer& layer, const std::vector<int64_t>& set) {
  const auto n = static_cast<size_t>(layer.filters);
  const auto at = [&](int64_t a, int64_t b) {
    return layer.covariance[static_cast<size_t>(a) * n + static_cast<size_t>(b)];
  };
  double error = 0;
  for (size_t o = 0; o < static_cast<size_t>(layer.readers); ++o) {
    // Descent along one weight at a time, to its end.
    std::vector<double> left(layer.weights.begin() + static_cast<std::ptrdiff_t>(o * n),
                             layer.weights.begin() + static_cast<std::ptrdiff_t>(o * n + n));
    for (int sweep = 0; sweep < 20000; ++sweep) {
      for (const int64_t s : set) {
        double slope = 0;
        for (int64_t c = 0; c < layer.filters; ++c)
          slope += left[static_cast<size_t>(c)] * at(c, s);
        left[static_cast<size_t>(s)] -= slope / at(s, s);
      }
    }
    for (int64_t a = 0; a < layer.filters; ++a) {
      for (int64_t b = 0; b < layer.filters; ++b) {
        error += left[static_cast<size_t>(a)] * at(a, b) * left[static_cast<size_t>(b)];
      }
    }
  }
  return error;
}

TEST(Reconstruction, LetsGoTheFilterWhoseGoingRaisesTheErrorLeast) {
  const BenchProblem problem(small_student({4, 4, 4, 4, 4}, 6));
  const ReaderFits fits(problem.model, problem.visitor);
  for (const size_t layer : {size_t{0}, size_t{2}, size_t{4}}) {
    const std::vector<int64_t> order = elimination_order(fits.layers()[layer]);
    std::vector<int64_t> left = {0, 1, 2, 3};
    for (const int64_t gone : order) {
      double least = INFINITY;
      double of_gone = 0;
      for (const int64_t one : left) {
        std::vector<int64_t> set = left;
        std::erase(set, one);
        const double error = error_of(fits.layers()[layer], set);
        least = std::min(least, error);
        if (one == gone) of_gone = error;
      }
      EXPECT_LE(of_gone, least * 1.01) << "layer " << layer << ", filter " << gone;
      std::erase(left, gone);
    }
  }
}

// A copy of a filter can be rebuilt from the other one entirely, by readers that are fitted.
TEST(Reconstruction, FitsReadersThatRebuildWhatTheCopyOfAFilterGave) {
  for (const size_t layer : {size_t{1}, size_t{4}}) {
    Model model = small_student({4, 4, 4, 4, 4}, 6);
    const std::string name = fmt::format("layer{}", layer);
    Tensor& weight = model.tensor(name + ".pointwise.weight");
    std::copy_n(weight.data(), 4, weight.data() + 8);  // filter 2 is filter 0 again
    for (const char* leaf :
         {".pointwise.bias", ".bn.gamma", ".bn.beta", ".bn.moving_mean", ".bn.moving_variance"}) {
      model.tensor(name + leaf)[2] = model.tensor(name + leaf)[0];
    }
    if (layer == 1) {
      Tensor& reader = model.tensor("layer2.depthwise.weight");
      std::copy_n(reader.data(), 25, reader.data() + 2 * 25);
    } else {
      // A factor a filter can stand for a map that is the same but for its size.
      Tensor& maps = model.tensor("readout.weight");
      const int64_t pixels = maps.numel() / 4;
      for (int64_t p = 0; p < pixels; ++p) maps[2 * pixels + p] = -3 * maps[p];
    }
    const BenchProblem problem(model);
    KeptFilters kept = all_filters(model.architecture());
    std::erase(kept[layer], 2);
    const Tensor wanted = answers_of(model, problem.images);
    const ReaderFits fits(model, problem.visitor);
    const Tensor fitted = answers_of(keep_everywhere(fits.fitted(kept), kept), problem.images);
    const Tensor plain = answers_of(keep_everywhere(model, kept), problem.images);
    EXPECT_LE(relative_difference(fitted, wanted), 2e-3) << layer;
    EXPECT_GT(relative_difference(plain, wanted), 2e-2) << layer;
  }
}

// Whatever goes, what is read of it has the same mean: here behind a layer without ReLU, and of the
// response.
TEST(Reconstruction, KeepsTheMeansOfWhatReads) {
  for (const size_t layer : {size_t{1}, size_t{4}}) {
    Architecture architecture = student_architecture({4, 4, 4, 4, 4}, kSmallInput);
    architecture.blocks[2].activation = Activation::kLinear;
    const BenchProblem problem(lively_model(architecture, 6));
    KeptFilters kept = all_filters(architecture);
    kept[layer] = {1, 3};
    const auto means = [&](const Model& model) {
      const Variable x(problem.images);
      const Tensor y = layer == 4
                           ? answers_of(model, problem.images)
                           : model.frozen().forward_blocks(x, 0, 3, Mode::kEvaluation).value();
      const int64_t channels = y.dim(1);
      const int64_t pixels = y.numel() / (y.dim(0) * channels);
      std::vector<double> sums(static_cast<size_t>(channels), 0.0);
      for (int64_t i = 0; i < y.numel(); ++i) {
        sums[static_cast<size_t>(i / pixels % channels)] +=
            y[i] / static_cast<double>(y.dim(0) * pixels);
      }
      return sums;
    };
    const std::vector<double> wanted = means(problem.model);
    const ReaderFits fits(problem.model, problem.visitor);
    const std::vector<double> fitted = means(keep_everywhere(fits.fitted(kept), kept));
    const std::vector<double> plain = means(keep_everywhere(problem.model, kept));
    double moved = 0;
    for (size_t c = 0; c < wanted.size(); ++c) {
      EXPECT_LE(std::abs(fitted[c] - wanted[c]), 1e-3 * (1 + std::abs(wanted[c]))) << layer;
      moved = std::max(moved, std::abs(plain[c] - wanted[c]));
    }
    EXPECT_GT(moved, 0.01) << layer;
  }
}

}  // namespace
}  // namespace secateur
