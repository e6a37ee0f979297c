#include "training/optimiser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/formats/expect_refused.h"
#include "tests/training/small_problem.h"
#include "training/learning_rate.h"

namespace secateur {
namespace {

constexpr const char* kName = "layer2.pointwise.weight";

// Gradients of every size: Adam's epsilon matters for those near 1e-7.
double gradient(int step, int64_t i) {
  const double size[] = {3.0, 1e-1, 1e-4, 1e-7};
  return size[i % 4] * std::sin(1.0 + 2.3 * step + 0.7 * static_cast<double>(i));
}

Tensor gradient_tensor(int step, const Shape& shape) {
  Tensor grad(shape);
  for (int64_t i = 0; i < grad.numel(); ++i) grad[i] = static_cast<float>(gradient(step, i));
  return grad;
}

TEST(Adam, FollowsTheScalarRuleInDouble) {
  Model model(small_student(), 1);
  const Tensor start = model.tensor(kName).clone();
  const auto adam = make_adam({.beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-7});
  constexpr int kUpdates = 15;
  for (int step = 0; step < kUpdates; ++step) {
    model.parameter(kName).add_grad(gradient_tensor(step, start.shape()));
    adam->step(model, 1e-2 / (step + 1));
  }
  EXPECT_EQ(adam->updates(), kUpdates);
  for (int64_t i = 0; i < start.numel(); ++i) {
    double w = start[i];
    double m = 0;
    double v = 0;
    for (int step = 0; step < kUpdates; ++step) {
      const double g = gradient(step, i);
      const double t = step + 1;
      m = 0.8 * m + 0.2 * g;
      v = 0.99 * v + 0.01 * g * g;
      w -= 1e-2 / t * std::sqrt(1 - std::pow(0.99, t)) / (1 - std::pow(0.8, t)) * m /
           (std::sqrt(v) + 1e-7);
    }
    EXPECT_LE(std::abs(model.tensor(kName)[i] - w), 1e-6) << i;
    EXPECT_GE(std::abs(w - start[i]), 1e-4) << "a step too small to see";
  }
}

TEST(Sgd, FollowsTheScalarRuleAndClips) {
  for (const double clip : {0.5, 0.0}) {
    Model model(small_student(), 1);
    const Tensor start = model.tensor(kName).clone();
    const auto sgd = make_sgd({.momentum = 0.75, .clip = clip});
    for (int step = 0; step < 8; ++step) {
      model.parameter(kName).add_grad(gradient_tensor(step, start.shape()));
      sgd->step(model, 0.1);
    }
    for (int64_t i = 0; i < start.numel(); ++i) {
      double w = start[i];
      double v = 0;
      for (int step = 0; step < 8; ++step) {
        const double g = gradient(step, i);
        v = 0.75 * v - 0.1 * (clip > 0 ? std::clamp(g, -clip, clip) : g);
        w += v;
      }
      EXPECT_LE(std::abs(model.tensor(kName)[i] - w), 1e-6) << i << ", clip " << clip;
    }
  }
}

std::unique_ptr<GradientOptimiser> made(const std::string& name) {
  return name == "adam" ? make_adam() : make_sgd();
}

TEST(Optimiser, ClearsGradientsAndLeavesParametersWithoutOne) {
  for (const char* name : {"adam", "sgd"}) {
    Model model(small_student(), 1);
    const Model before = model.clone();
    const auto optimiser = made(name);
    model.parameter(kName).add_grad(gradient_tensor(0, model.tensor(kName).shape()));
    optimiser->step(model, 0.1);
    for (const ParameterSpec& spec : model.specs()) {
      EXPECT_FALSE(model.parameter(spec.name).has_grad());
      EXPECT_EQ(same_bits(model.tensor(spec.name), before.tensor(spec.name)), spec.name != kName);
    }
    for (const auto& [moment, tensor] : optimiser->state()) {
      EXPECT_TRUE(moment.starts_with(kName)) << moment;
    }
  }
}

TEST(Optimiser, GoesOnFromARestoredState) {
  for (const char* name : {"adam", "sgd"}) {
    Model model(small_student(), 1);
    const auto optimiser = made(name);
    const auto update = [&](Model& m, GradientOptimiser& o, int step) {
      m.parameter(kName).add_grad(gradient_tensor(step, m.tensor(kName).shape()));
      o.step(m, 0.1);
    };
    for (int step = 0; step < 3; ++step) update(model, *optimiser, step);
    Model again = model.clone();
    std::map<std::string, Tensor> state;
    for (const auto& [key, tensor] : optimiser->state()) state[key] = tensor.clone();
    const auto restored = made(name);
    restored->restore(again, state, optimiser->updates());
    update(model, *optimiser, 3);
    update(again, *restored, 3);
    EXPECT_TRUE(same_tensors(model, again)) << name;
  }
}

TEST(Optimiser, RefusesAStateThatDoesNotFit) {
  const Model model(small_student(), 1);
  const auto adam = make_adam();
  expect_refused(
      [&] {
        adam->restore(model, {{std::string(kName) + "/first", Tensor(Shape{2})}}, 1);
      },
      "of shape [3, 3, 1, 1], got [2]");
  expect_refused(
      [&] {
        adam->restore(model, {{"layer9.x/first", Tensor(Shape{2})}}, 1);
      },
      "no parameter called 'layer9.x'");
  expect_refused([&] { adam->restore(model, {}, -1); }, "a count of updates, got -1");
  expect_refused([] { make_optimiser("lion"); }, "wanted adam, sgd or gauss_newton, got 'lion'",
                 ErrorKind::kUsage);
}

TEST(LearningRate, ConstantAndCosine) {
  const LearningRate constant{.base = 0.3};
  EXPECT_EQ(constant.at(0), 0.3);
  EXPECT_EQ(constant.at(1000000), 0.3);
  const LearningRate cosine{
      .base = 2, .shape = RateShape::kCosine, .total_steps = 100, .floor = 0.1};
  EXPECT_DOUBLE_EQ(cosine.at(0), 2);
  EXPECT_DOUBLE_EQ(cosine.at(50), 2 * 0.55);
  EXPECT_DOUBLE_EQ(cosine.at(25), 2 * (0.1 + 0.9 * (0.5 + std::sqrt(0.125))));
  EXPECT_DOUBLE_EQ(cosine.at(100), 0.2);
  EXPECT_DOUBLE_EQ(cosine.at(500), 0.2);
  for (int step = 1; step <= 100; ++step) EXPECT_LT(cosine.at(step), cosine.at(step - 1));
}

TEST(LearningRate, WarmsUpLinearly) {
  const LearningRate rate{.base = 4, .warmup_steps = 8};
  EXPECT_DOUBLE_EQ(rate.at(0), 0.5);
  EXPECT_DOUBLE_EQ(rate.at(3), 2);
  EXPECT_DOUBLE_EQ(rate.at(7), 4);
  EXPECT_DOUBLE_EQ(rate.at(8), 4);
}

TEST(LearningRate, ShapesHaveNames) {
  EXPECT_EQ(parse_rate_shape("constant"), RateShape::kConstant);
  EXPECT_EQ(parse_rate_shape("cosine"), RateShape::kCosine);
  expect_refused([] { parse_rate_shape("linear"); }, "got 'linear'", ErrorKind::kUsage);
}

}  // namespace
}  // namespace secateur
