#include "pruning/response/response_criterion.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "pruning/removal.h"
#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "tests/formats/expect_refused.h"
#include "tests/pruning/pruning_problem.h"

namespace secateur {
namespace {

using Scores = std::vector<std::vector<double>>;

// The response with the activations of one filter of block `layer` multiplied by `gate`.
Tensor gated(const Model& model, size_t layer, int64_t filter, double gate, const Tensor& images) {
  const Model constant = model.frozen();
  const size_t blocks = model.architecture().blocks.size();
  Tensor a =
      constant.forward_blocks(Variable(images), 0, layer + 1, Mode::kEvaluation).value().clone();
  const int64_t pixels = a.dim(2) * a.dim(3);
  for (int64_t i = 0; i < a.dim(0); ++i) {
    float* const plane = a.data() + (i * a.dim(1) + filter) * pixels;
    for (int64_t p = 0; p < pixels; ++p) plane[p] = static_cast<float>(plane[p] * gate);
  }
  const Variable x = constant.forward_blocks(Variable(a), layer + 1, blocks, Mode::kEvaluation);
  return constant.forward_readout(x).value();
}

// Variance over images of (r(1 + h) - r(1 - h)) / 2h.
double numerical_variance(const Model& model, size_t layer, int64_t filter, double h,
                          const Tensor& images) {
  const Tensor above = gated(model, layer, filter, 1 + h, images);
  const Tensor below = gated(model, layer, filter, 1 - h, images);
  std::vector<double> slopes;
  for (int64_t i = 0; i < images.dim(0); ++i) {
    slopes.push_back((double{above[i]} - below[i]) / (2 * h));
  }
  return variance_of(slopes, 0);
}

TEST(ResponseVariance, IsTheVarianceOfTheDerivativeByAGate) {
  const Model model = small_student({4, 3, 4, 3, 3}, 4);
  const Tensor images = random_images(kSmallInput, 9, 5, 30);
  const Scores scores = measure_response_variance(model, batches_of(images, 4));
  ASSERT_EQ(scores.size(), 5u);
  for (size_t layer = 0; layer < 5; ++layer) {
    double largest = 0;
    for (const double score : scores[layer]) largest = std::max(largest, score);
    ASSERT_EQ(static_cast<int64_t>(scores[layer].size()),
              model.architecture().blocks[layer].filters);
    for (size_t f = 0; f < scores[layer].size(); ++f) {
      const double wanted = numerical_variance(model, layer, static_cast<int64_t>(f), 1e-3, images);
      EXPECT_LE(std::abs(scores[layer][f] - wanted), 0.02 * largest)
          << "layer " << layer << ", filter " << f;
    }
  }
}

// The readout is linear, so for the last layer the score is what masking the filter takes away.
TEST(ResponseVariance, OfTheLastLayerIsWhatMaskingTakesAway) {
  const Model model = small_student({4, 3, 4, 3, 3}, 6);
  const Tensor images = random_images(kSmallInput, 8, 7, 30);
  const Scores scores = measure_response_variance(model, batches_of(images, 8));
  const Tensor whole = answers_of(model, images);
  for (int64_t f = 0; f < 3; ++f) {
    std::vector<int64_t> others;
    for (int64_t k = 0; k < 3; ++k) {
      if (k != f) others.push_back(k);
    }
    const Tensor masked = answers_of(mask_filters(model, 4, others), images);
    std::vector<double> lost;
    for (int64_t i = 0; i < 8; ++i) lost.push_back(double{whole[i]} - masked[i]);
    const double wanted = variance_of(lost, 0);
    EXPECT_LE(std::abs(scores[4][static_cast<size_t>(f)] - wanted), 1e-4 * wanted) << f;
  }
}

TEST(ResponseVariance, IsTheSameForAnyThreadsAndTakesBatchesInTheirOrder) {
  const Model model = small_student({4, 3, 4, 3, 3}, 8);
  const Tensor images = random_images(kSmallInput, 10, 9, 30);
  set_thread_budget(1);
  const Scores wanted = measure_response_variance(model, batches_of(images, 4));
  for (const int threads : {2, 3, 8}) {
    set_thread_budget(threads);
    EXPECT_EQ(measure_response_variance(model, batches_of(images, 4)), wanted) << threads;
  }
  set_thread_budget(0);
}

TEST(ResponseVariance, RefusesManyOutputsAndASingleImage) {
  const Model many(student_architecture({3, 3, 3, 3, 3}, kSmallInput, 2), 1);
  const Tensor images = random_images(kSmallInput, 3, 1);
  expect_refused([&] { measure_response_variance(many, batches_of(images, 2)); },
                 "a model of one output, got 2");
  const Model one = small_student({3, 3, 3, 3, 3}, 1);
  expect_refused(
      [&] { measure_response_variance(one, batches_of(random_images(kSmallInput, 1, 1), 1)); },
      "at least two images, got 1");
}

TEST(FilterCost, IsWhatARemovalSaves) {
  const Model model = small_student({6, 5, 4, 5, 3}, 2);
  const int64_t before = count_parameters(model.architecture()).total;
  for (size_t layer = 0; layer < 5; ++layer) {
    std::vector<int64_t> kept;
    for (int64_t f = 1; f < model.architecture().blocks[layer].filters; ++f) kept.push_back(f);
    const Model less = keep_filters(model, layer, kept);
    EXPECT_EQ(filter_cost(model.architecture(), layer),
              before - count_parameters(less.architecture()).total)
        << layer;
  }
}

TEST(ChooseCut, TakesTheLeastScorePerParameterUntilTheStepIsFull) {
  const Architecture a = student_architecture({2, 2, 2, 3, 2}, kSmallInput);
  // Of layer 3 the second filter is dear for its parameters, of layer 4 the first is cheap.
  const double dear = 2.0 * static_cast<double>(filter_cost(a, 3));
  const double cheap = 0.5 * static_cast<double>(filter_cost(a, 4));
  const double rest = 1e9;
  const Scores scores = {{rest, rest}, {rest, rest}, {rest, rest}, {rest, dear, 0}, {cheap, rest}};
  const Cut chosen = choose_cut(a, scores, {.step = 0.3});
  const std::vector<CutFilter>& cut = chosen.removed;
  ASSERT_EQ(cut.size(), 3u);  // 0.3 of 11
  EXPECT_EQ(cut[0].layer, 3u);
  EXPECT_EQ(cut[0].filter, 2);
  EXPECT_EQ(cut[1].layer, 4u);
  EXPECT_EQ(cut[1].filter, 0);
  EXPECT_EQ(cut[2].layer, 3u);
  EXPECT_EQ(cut[2].filter, 1);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(cut[i].rank, static_cast<int64_t>(i));
  EXPECT_EQ(cut[0].parameters_before, count_parameters(a).total);
  EXPECT_EQ(cut[1].parameters_before, cut[0].parameters_after);
  EXPECT_EQ(cut[2].parameters_after,
            count_parameters(student_architecture({2, 2, 2, 1, 1}, kSmallInput)).total);
}

// Whatever the scores: never below the floor, never more than the step, and no filter beyond the
// one that reaches the target.
TEST(ChooseCut, KeepsItsLimits) {
  const bool holds = rc::check([] {
    const auto count = [] { return *rc::gen::inRange<int64_t>(1, 9); };
    const Architecture a =
        student_architecture({count(), count(), count(), count(), count()}, kSmallInput);
    Scores scores;
    size_t filters = 0;
    for (const int64_t n : filter_counts(a)) {
      scores.emplace_back();
      for (int64_t f = 0; f < n; ++f) scores.back().push_back(*rc::gen::inRange(0, 50));
      filters += static_cast<size_t>(n);
    }
    const int64_t parameters = count_parameters(a).total;
    const CutOptions options{.step = *rc::gen::element(0.01, 0.06, 0.5, 0.99),
                             .floor = *rc::gen::inRange<int64_t>(1, 4),
                             .parameters = *rc::gen::inRange<int64_t>(1, parameters + 10)};
    std::vector<int64_t> left = filter_counts(a);
    double least = 0;
    const Cut cut = choose_cut(a, scores, options);
    for (const CutFilter& filter : cut.removed) {
      RC_ASSERT(filter.parameters_before > options.parameters);
      RC_ASSERT(--left[filter.layer] >= options.floor);
      const double ratio = filter.score / static_cast<double>(filter.cost);
      RC_ASSERT(ratio >= least);
      least = ratio;
    }
    const auto goes = [&](const CutFilter& f) { return left[f.layer] > options.floor; };
    if (cut.next) {
      RC_ASSERT(goes(*cut.next));
      RC_ASSERT(cut.removed.empty() || cut.next->rank > cut.removed.back().rank);
      RC_ASSERT(cut.next->score / static_cast<double>(cut.next->cost) >= least);
      RC_ASSERT(cut.next->parameters_before == cut.next->parameters_after);
    }
    int64_t removed = 0;
    bool at_floor = true;
    for (size_t i = 0; i < left.size(); ++i) {
      removed += a.blocks[i].filters - left[i];
      at_floor = at_floor && left[i] <= options.floor;
    }
    RC_ASSERT(cut.next.has_value() == !at_floor);
    const auto most = static_cast<int64_t>(options.step * static_cast<double>(filters));
    RC_ASSERT(removed <= std::max<int64_t>(1, most));
    const Architecture after = student_architecture(left, kSmallInput);
    const bool reached = count_parameters(after).total <= options.parameters;
    RC_ASSERT(reached || at_floor || removed == std::max<int64_t>(1, most));
  });
  EXPECT_TRUE(holds);
}

TEST(ChooseCut, RefusesWhatMakesNoSense) {
  const Architecture a = student_architecture({2, 2, 2, 2, 2}, kSmallInput);
  const Scores scores(5, std::vector<double>(2, 1.0));
  for (const double step : {0.0, 1.0, std::nan("")}) {
    expect_refused([&] { choose_cut(a, scores, {.step = step}); }, "a step in (0, 1)");
  }
  expect_refused([&] { choose_cut(a, scores, {.floor = 0}); }, "at least 1 filter, got 0");
}

}  // namespace
}  // namespace secateur
