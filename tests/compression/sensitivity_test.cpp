#include "compression/sensitivity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tensor/parallel.h"
#include "tensor/statistics.h"
#include "tests/compression/compact_fixture.h"
#include "tests/compression/unwatched.h"
#include "tests/watching.h"

namespace secateur {
namespace {

// The definition, by differences: change one weight, look at the responses.
TEST(Sensitivity, IsTheLossThatASmallChangeCauses) {
  const Architecture architecture = every_architecture()[0].architecture;
  const Model folded = fold_batch_norm(lively_model(architecture, 1));
  const std::vector<Tensor> images = {blob_images(architecture.input, 24, 1)};
  const Tensor wanted = respond(folded, images);
  const auto importance = measure_importance(folded, images, wanted, 24, 1);
  std::vector<double> errors;
  for (size_t t = 0; t < folded.specs().size(); ++t) {
    const std::string& name = folded.specs()[t].name;
    for (int64_t i = 0; i < folded.specs()[t].shape.numel(); i += 7) {
      const double h = importance[t].plain[static_cast<size_t>(i)];
      if (h < 1e-6) continue;
      const float change = static_cast<float>(0.003 / std::sqrt(h));
      Model moved = folded.clone();
      moved.tensor(name)[i] += change;
      const double loss = response_loss(wanted, respond(moved, images));
      errors.push_back(std::abs(loss / (h * change * change) - 1.0));
    }
  }
  ASSERT_GT(errors.size(), 50u);
  // A rectifier that switches within the change bends the law for a few.
  EXPECT_LE(median_of(errors), 0.02);
  EXPECT_LE(quantile_of(errors, 0.95), 0.25);
}

// The transform is a rotation: the trace of the quadratic form stays, per tensor.
TEST(Sensitivity, TransformKeepsTheSum) {
  const Architecture architecture = every_architecture()[2].architecture;
  const Model folded = fold_batch_norm(lively_model(architecture, 2));
  const std::vector<Tensor> images = {blob_images(architecture.input, 16, 3)};
  const auto importance = measure_importance(folded, images, respond(folded, images), 16, 1);
  for (size_t t = 0; t < importance.size(); ++t) {
    if (importance[t].transformed.empty()) continue;
    const double plain = pairwise_sum(importance[t].plain);
    EXPECT_LE(std::abs(plain - pairwise_sum(importance[t].transformed)), 1e-6 * plain)
        << folded.specs()[t].name;
  }
}

// Probes of random signs agree, on average, with the importance output by output.
TEST(Sensitivity, SeveralOutputsAreTheirAverage) {
  const Architecture architecture = every_architecture()[1].architecture;
  const Model folded = fold_batch_norm(lively_model(architecture, 4));
  const std::vector<Tensor> images = {blob_images(architecture.input, 64, 5)};
  const auto all = measure_importance(folded, images, respond(folded, images), 64, 1);
  std::vector<double> probed, averaged;
  for (size_t t = 0; t < all.size(); ++t) {
    if (folded.specs()[t].name.starts_with("readout")) continue;
    probed.push_back(pairwise_sum(all[t].plain));
    averaged.push_back(0.0);
  }
  for (int64_t o = 0; o < 3; ++o) {
    const Model one = select_outputs(folded, {o});
    const auto single = measure_importance(one, images, respond(one, images), 64, 1);
    for (size_t t = 0; t < averaged.size(); ++t) {
      averaged[t] += pairwise_sum(single[t].plain) / 3.0;
    }
  }
  for (size_t t = 0; t < averaged.size(); ++t) {
    // A gain counts for several outputs, so the probes may see more, not less.
    EXPECT_GE(probed[t], 0.6 * averaged[t]) << folded.specs()[t].name;
    EXPECT_LE(probed[t], 3.0 * averaged[t]) << folded.specs()[t].name;
  }
}

TEST(Sensitivity, BitsDoNotDependOnThreads) {
  const Architecture architecture = every_architecture()[3].architecture;
  const Model folded = fold_batch_norm(lively_model(architecture, 5));
  const std::vector<Tensor> images = {blob_images(architecture.input, 9, 6),
                                      blob_images(architecture.input, 8, 7)};
  const Tensor wanted = respond(folded, images);
  set_thread_budget(1);
  const auto one = measure_importance(folded, images, wanted, 16, 1);
  for (int threads : {2, 3, 8}) {
    set_thread_budget(threads);
    const auto many = measure_importance(folded, images, wanted, 16, 1);
    for (size_t t = 0; t < one.size(); ++t) {
      EXPECT_EQ(many[t].plain, one[t].plain) << threads;
      EXPECT_EQ(many[t].transformed, one[t].transformed) << threads;
    }
  }
  set_thread_budget(0);
}

TEST(Sensitivity, CanBeWatchedAndStopped) {
  for (const size_t which : {0u, 1u}) {  // one output, and several
    const Architecture architecture = every_architecture()[which].architecture;
    const Model folded = fold_batch_norm(lively_model(architecture, 5));
    const std::vector<Tensor> images = {blob_images(architecture.input, 30, 6)};
    const Tensor wanted = respond(folded, images);
    const auto measure = [&](Observer& observer) {
      return measure_importance(folded, images, wanted, 20, 1, observer);
    };
    expect_stops_anywhere(measure, 2);
    Watching watching;
    const auto watched = measure(watching);
    expect_runs_to_the_end(watching.heard, "sensitivity");
    EXPECT_EQ(watching.heard.back().total, which == 0 ? 20 : 16);
    EXPECT_EQ(watched[0].plain, measure_importance(folded, images, wanted, 20, 1)[0].plain);
  }
}

TEST(Sensitivity, LossIsBlindToGainAndOffset) {
  const Tensor a = Tensor::of({4, 2}, {1, 5, 2, 5, 4, 5, 3, 5});
  const Tensor b = Tensor::of({4, 2}, {12, 1, 14, 2, 18, 3, 16, 7});
  EXPECT_LE(std::abs(response_loss(a, b)), 1e-12);  // the second output is constant in `a`
  const Tensor c = Tensor::of({4, 2}, {1, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_GT(response_loss(a, c), 0.1);
}

}  // namespace
}  // namespace secateur
