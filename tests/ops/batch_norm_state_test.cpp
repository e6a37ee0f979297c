#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ops/batch_norm/batch_norm.h"
#include "ops/batch_norm/batch_norm_kernels.h"
#include "ops/vector/isa.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

Variable constant(const Shape& shape, std::initializer_list<float> values) {
  return Variable(Tensor::of(shape, values));
}

BatchNormState fresh_state(int64_t channels) {
  return {.moving_mean = Tensor::zeros({channels}),
          .moving_variance = Tensor::full({channels}, 1.0f),
          .shift = Tensor()};
}

// Channel 0 holds 1, 3, 5, 7 (mean 4, biased variance 5), channel 1 holds 2, 2, 2, 6 (mean 3,
// biased variance 3), each over two samples.
Variable batch() { return constant({2, 2, 1, 2}, {1, 3, 2, 2, 5, 7, 2, 6}); }

Variable run(const Variable& x, BatchNormState& state, const BatchNormOptions& options) {
  const int64_t channels = x.shape()[1];
  return batch_norm(x, Variable(Tensor::full({channels}, 1.0f)),
                    Variable(Tensor::zeros({channels})), state, options);
}

TEST(BatchNormState, MovesByTheMomentumTowardsTheBiasedBatchStatistics) {
  BatchNormState state = fresh_state(2);
  run(batch(), state, {.momentum = 0.75});
  EXPECT_FLOAT_EQ(1.0f, state.moving_mean[0]);  // 0.75 * 0 + 0.25 * 4
  EXPECT_FLOAT_EQ(0.75f, state.moving_mean[1]);
  EXPECT_FLOAT_EQ(2.0f, state.moving_variance[0]);  // 0.75 * 1 + 0.25 * 5
  EXPECT_FLOAT_EQ(1.5f, state.moving_variance[1]);
  run(batch(), state, {.momentum = 0.75});
  run(batch(), state, {.momentum = 0.75});
  EXPECT_FLOAT_EQ(4 * (1 - 0.421875f), state.moving_mean[0]);  // 0.75^3 = 0.421875
  EXPECT_FLOAT_EQ(5 - 4 * 0.421875f, state.moving_variance[0]);
  EXPECT_FLOAT_EQ(3 - 2 * 0.421875f, state.moving_variance[1]);
}

TEST(BatchNormState, DefaultMomentumIsThatOfKeras) {
  BatchNormState state = fresh_state(2);
  run(batch(), state, {});
  EXPECT_FLOAT_EQ(0.04f, state.moving_mean[0]);
  EXPECT_FLOAT_EQ(1.04f, state.moving_variance[0]);
}

TEST(BatchNormState, TheShiftMovesOnlyTheMovingMean) {
  BatchNormState plain = fresh_state(2);
  BatchNormState shifted = fresh_state(2);
  shifted.shift = Tensor::of({2}, {10.0f, -2.0f});
  const Variable y = run(batch(), plain, {.momentum = 0.5});
  const Variable y_shifted = run(batch(), shifted, {.momentum = 0.5});
  EXPECT_TRUE(same_bits(y.value(), y_shifted.value()));
  EXPECT_TRUE(same_bits(plain.moving_variance, shifted.moving_variance));
  EXPECT_FLOAT_EQ(7.0f, shifted.moving_mean[0]);  // 0.5 * (4 + 10)
  EXPECT_FLOAT_EQ(0.5f, shifted.moving_mean[1]);  // 0.5 * (3 - 2)
}

// What a bias in front would have done: the convolution's output plus shift, without a shift.
TEST(BatchNormState, TrainedWithAShiftItEvaluatesAsIfTheBiasWereInX) {
  BatchNormState inside = fresh_state(2);
  inside.shift = Tensor::of({2}, {10.0f, -2.0f});
  BatchNormState outside = fresh_state(2);
  const Variable biased = constant({2, 2, 1, 2}, {11, 13, 0, 0, 15, 17, 0, 4});
  for (int step = 0; step < 3; ++step) {
    run(batch(), inside, {.momentum = 0.5});
    run(biased, outside, {.momentum = 0.5});
  }
  const Variable y = run(batch(), inside, {.training = false});
  const Variable wanted = run(biased, outside, {.training = false});
  for (int64_t i = 0; i < 8; ++i) EXPECT_NEAR(wanted.value()[i], y.value()[i], 1e-5);
}

TEST(BatchNormState, EvaluationChangesNothing) {
  BatchNormState state = fresh_state(2);
  state.moving_mean = Tensor::of({2}, {0.5f, -1.5f});
  state.shift = Tensor::of({2}, {3.0f, 4.0f});
  const Tensor mean = state.moving_mean.clone();
  const Tensor variance = state.moving_variance.clone();
  const Tensor shift = state.shift.clone();
  run(batch(), state, {.training = false, .momentum = 0.5});
  EXPECT_TRUE(same_bits(mean, state.moving_mean));
  EXPECT_TRUE(same_bits(variance, state.moving_variance));
  EXPECT_TRUE(same_bits(shift, state.shift));
}

TEST(BatchNormState, IsSharedWithWhoeverHoldsTheTensors) {
  BatchNormState state = fresh_state(2);
  const Tensor held = state.moving_mean;
  run(batch(), state, {.momentum = 0.0});
  EXPECT_EQ(4.0f, held[0]);
}

TEST(BatchNormState, IsAsItWasWhenTheCallIsRefused) {
  BatchNormState state = fresh_state(2);
  EXPECT_THROW(run(constant({1, 2, 0, 2}, {}), state, {}), Error);
  EXPECT_EQ(0.0f, state.moving_mean[0]);
  EXPECT_EQ(1.0f, state.moving_variance[0]);
}

// Mean 10,000 and deviation 0.1: a sum of squares minus a squared mean would lose everything, and a
// mean rounded to float would be off by a two-hundredth of a deviation.
class BatchNormStability : public ::testing::Test {
 protected:
  BatchNormStability() : x_({4, 1, 33, 31}), state_(fresh_state(1)) {
    Rng rng(7, "batch_norm/stability");
    for (float& v : x_.values()) v = static_cast<float>(10000.0003 + rng.uniform(-0.2, 0.2));
    for (float v : x_.values()) mean_ += v / count();
    for (float v : x_.values()) variance_ += (v - mean_) * (v - mean_) / count();
  }
  double count() const { return static_cast<double>(x_.numel()); }
  double xhat(int64_t i) const { return (x_[i] - mean_) / std::sqrt(variance_); }

  Tensor x_;
  BatchNormState state_;
  double mean_ = 0;
  double variance_ = 0;
  BatchNormOptions options_{.epsilon = 1e-12, .momentum = 0.0};
};

TEST_F(BatchNormStability, StatisticsAndValueKeepTheirDigits) {
  const Variable y = run(Variable(x_), state_, options_);
  EXPECT_NEAR(mean_, state_.moving_mean[0], 1e-3);  // the spacing of floats there
  EXPECT_NEAR(variance_, state_.moving_variance[0], 1e-6 * variance_);
  double error = 0;
  for (int64_t i = 0; i < x_.numel(); ++i)
    error = std::max(error, std::abs(y.value()[i] - xhat(i)));
  EXPECT_LE(error, 1e-6);
}

TEST_F(BatchNormStability, GradientsKeepTheirDigits) {
  Rng rng(7, "batch_norm/stability/dy");
  Tensor dy(x_.shape());
  for (float& v : dy.values()) v = static_cast<float>(rng.uniform(0, 1));
  double dbeta = 0;
  double dgamma = 0;
  for (int64_t i = 0; i < x_.numel(); ++i) {
    dbeta += dy[i];
    dgamma += dy[i] * xhat(i);
  }
  const Variable x(x_, true);
  const Variable gamma(Tensor::full({1}, 1.0f), true);
  backward(batch_norm(x, gamma, constant({1}, {0}), state_, options_), dy);
  EXPECT_NEAR(dgamma, gamma.grad()[0], 1e-6 * count());
  double error = 0;
  for (int64_t i = 0; i < x_.numel(); ++i) {
    const double wanted =
        (dy[i] - dbeta / count() - xhat(i) * dgamma / count()) / std::sqrt(variance_);
    error = std::max(error, std::abs(wanted - x.grad()[i]));
  }
  EXPECT_LE(error, 1e-5);
}

TEST(BatchNormRule, NanReachesTheValueAndTheStateThroughRelu) {
  BatchNormState state = fresh_state(1);
  const Variable x = constant({1, 1, 1, 3}, {1, std::nanf(""), 2});
  const Variable y = run(x, state, {.relu = true});
  EXPECT_TRUE(std::isnan(y.value()[0]) && std::isnan(y.value()[1]));
  EXPECT_TRUE(std::isnan(state.moving_mean[0]));
}

TEST(BatchNormRule, LeavesAnEmptyBatchEmptyInEvaluation) {
  BatchNormState state = fresh_state(2);
  EXPECT_EQ((Shape{0, 2, 3, 3}),
            run(constant({0, 2, 3, 3}, {}), state, {.training = false}).shape());
}

// Both instruction sets on every length up to three vectors: the bits are promised to agree.
TEST(BatchNormKernels, GiveTheSameBitsWithAvx2AndAvx512) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq")) {
    GTEST_SKIP() << "this machine has no AVX-512 to compare with";
  }
  const BatchNormKernels& narrow = batch_norm_kernels(Isa::kAvx2);
  const BatchNormKernels& wide = batch_norm_kernels(Isa::kAvx512);
  Rng rng(7, "batch_norm/kernels");
  for (int64_t count = 1; count <= 5000; count += count < 50 ? 1 : 1237) {
    Tensor x({count}), dy({count}), a({count}), b({count});
    for (float& v : x.values()) v = static_cast<float>(rng.uniform(-1, 3));
    for (float& v : dy.values()) v = static_cast<float>(rng.uniform(-1, 1));
    for (const bool relu : {false, true}) {
      const ChannelMap map{1.1f, 0.7f, 0.3f, relu};
      const PlaneMoments m1 = narrow.moments(x.data(), count, x.data());
      const PlaneMoments m2 = wide.moments(x.data(), count, x.data());
      EXPECT_TRUE(m1.mean == m2.mean && m1.squares == m2.squares) << count;
      const GradientSums s1 = narrow.gradient_sums(x.data(), dy.data(), count, map);
      const GradientSums s2 = wide.gradient_sums(x.data(), dy.data(), count, map);
      EXPECT_TRUE(s1.dy == s2.dy && s1.centred_x == s2.centred_x) << count;
      narrow.normalise(x.data(), count, map, a.data());
      wide.normalise(x.data(), count, map, b.data());
      EXPECT_TRUE(same_bits(a, b)) << count;
      const InputGradient gradient{0.9f, -0.2f, 0.05f};
      narrow.input_gradient(x.data(), dy.data(), count, map, gradient, a.data());
      wide.input_gradient(x.data(), dy.data(), count, map, gradient, b.data());
      EXPECT_TRUE(same_bits(a, b)) << count;
    }
  }
}

}  // namespace
}  // namespace secateur
