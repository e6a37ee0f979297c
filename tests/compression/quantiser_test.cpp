#include "compression/quantiser.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compression/allocation.h"
#include "compression/exact_numbers.h"
#include "tensor/error.h"
#include "tests/compression/compact_fixture.h"

namespace secateur {
namespace {

ParameterSpec spec_of(const std::string& name, const Shape& shape,
                      ParameterRole role = ParameterRole::kKernel) {
  return {name, shape, role, true, 1, 1};
}

TEST(Layout, EveryKindOfTensor) {
  const TensorLayout image = layout_of(spec_of("layer0.conv.weight", {7, 3, 5, 5}));
  EXPECT_EQ(image.filters, 7);
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.block, (std::array<int64_t, 3>{3, 5, 5}));
  EXPECT_EQ(band_count(image, Transform::kDct), 27);
  EXPECT_EQ(band_count(image, Transform::kNone), 1);
  const TensorLayout mixing = layout_of(spec_of("layer3.pointwise.weight", {2, 3, 1, 1}));
  EXPECT_EQ(mixing.channels, 3);
  EXPECT_FALSE(mixing.transformable());
  const TensorLayout dense = layout_of(spec_of("readout.weight", {2, 3, 28, 28}));
  EXPECT_EQ(dense.filters, 6);
  EXPECT_LE(band_count(dense, Transform::kDct), 28);
  const TensorLayout bias = layout_of(spec_of("b", {9}, ParameterRole::kBias));
  EXPECT_EQ(bias.filters, 1);
  EXPECT_FALSE(bias.transformable());
  EXPECT_THROW(layout_of(spec_of("g", {9}, ParameterRole::kGamma)), Error);
}

TEST(Layout, BandsAreWithinTheirCount) {
  for (int64_t h : {1, 3, 28, 300}) {
    for (int64_t w : {1, 5, 28, 200}) {
      const TensorLayout layout{.filters = 1, .block = {3, h, w}};
      const int64_t count = band_count(layout, Transform::kDct);
      std::vector<int> used(static_cast<size_t>(count), 0);
      for (int32_t band : bands_of(layout, Transform::kDct)) {
        ASSERT_GE(band, 0);
        ASSERT_LT(band, count);
        ++used[static_cast<size_t>(band)];
      }
      for (int times : used) EXPECT_GT(times, 0) << h << " x " << w;
    }
  }
}

TEST(Quantiser, PlainRoundingIsToTheNearest) {
  const ParameterSpec spec = spec_of("p", {1, 4});
  const Tensor weights = Tensor::of({1, 4}, {0.0f, 0.26f, -0.74f, 5.1f});
  const TensorPlan plan{.filter_step = {0}, .band_step = {0}, .channel_step = {0, 0, 0, 2}};
  const CompactTensor tensor = quantise(spec, weights, plan, -16, {});  // 0.5, the last one 1
  EXPECT_EQ(tensor.codes, (std::vector<int32_t>{0, 1, -1, 5}));
  const Tensor decoded = decode(tensor, -16);
  EXPECT_EQ(decoded[1], 0.5f);
  EXPECT_EQ(decoded[3], 5.0f);
}

TEST(Quantiser, AStepGrowsUntilEightBitsHold) {
  const ParameterSpec spec = spec_of("p", {2, 2});
  const Tensor weights = Tensor::of({2, 2}, {1000.0f, 1.0f, 104.0f, 1.0f});
  const TensorPlan plan{.filter_step = {0, 0}, .band_step = {0}, .channel_step = {0, 0}};
  // Coarser steps of the channels would cost 1e6 in the second filter.
  const std::vector<double> importance = {1.0, 1.0, 1e6, 1e6};
  const CompactTensor tensor = quantise(spec, weights, plan, 0, {importance, 0.0});
  EXPECT_EQ(tensor.filter_step, (std::vector<int>{6, 0}));  // 2^3 is the first with 1000 / 127.49
  EXPECT_EQ(tensor.codes, (std::vector<int32_t>{125, 0, 104, 1}));
  // Coarser steps of the first filter would.
  const CompactTensor other =
      quantise(spec, weights, plan, 0, {std::vector<double>{1.0, 1e6, 1.0, 1.0}, 0.0});
  EXPECT_EQ(other.channel_step, (std::vector<int>{6, 0}));
  EXPECT_EQ(other.codes, (std::vector<int32_t>{125, 1, 13, 1}));
  const ParameterSpec bias = spec_of("b", {2}, ParameterRole::kBias);
  const CompactTensor exact =
      quantise(bias, Tensor::of({2}, {1000.0f, 1.0f}),
               {.filter_step = {0}, .band_step = {0}, .channel_step = {0}}, 0, {});
  EXPECT_EQ(exact.codes, (std::vector<int32_t>{1000, 1}));
}

TEST(Quantiser, WeighsBitsAgainstTheError) {
  const ParameterSpec spec = spec_of("p", {1, 64});
  Tensor weights(Shape{1, 64});
  for (int64_t i = 0; i < 64; ++i) weights[i] = i < 8 ? 3.2f : i < 24 ? 0.6f : 0.1f;
  const TensorPlan plan{
      .filter_step = {0}, .band_step = {0}, .channel_step = std::vector<int>(64, 0)};
  const std::vector<double> importance(64, 1.0);
  const auto sum = [&](double rate_weight) {
    int total = 0;
    for (int code : quantise(spec, weights, plan, 0, {importance, rate_weight}).codes)
      total += code;
    return total;
  };
  EXPECT_EQ(sum(0.0), 8 * 3 + 16);  // the nearest
  EXPECT_EQ(sum(0.2), 8 * 3);       // 0.6 is not worth the bits that set it apart from 0
  EXPECT_EQ(sum(1e6), 8 * 3);       // 3.2 is two steps and more from what costs less than 3
}

TEST(Quantiser, RefusesWeightsBeyondEveryStep) {
  const ParameterSpec spec = spec_of("p", {1, 1});
  const TensorPlan plan{.filter_step = {0}, .band_step = {0}, .channel_step = {0}};
  EXPECT_THROW(quantise(spec, Tensor::of({1, 1}, {1e30f}), plan, 0, {}), Error);
}

// Importances that are a product are found again, and give equal errors.
TEST(Allocation, StepsFollowTheInverseRoot) {
  const TensorLayout layout{.filters = 3, .channels = 4};
  std::vector<double> importance;
  for (int f = 0; f < 3; ++f) {
    for (int c = 0; c < 4; ++c) importance.push_back(std::exp2(2.0 * f - 4.0 * c));
  }
  const TensorPlan plan = plan_steps(layout, Transform::kNone, importance);
  size_t i = 0;
  for (int f = 0; f < 3; ++f) {
    for (int c = 0; c < 4; ++c) {
      const double step =
          step_size(8 * (plan.filter_step[static_cast<size_t>(f)] +
                         plan.channel_step[static_cast<size_t>(c)] + plan.band_step[0]));
      const double share = importance[i++] * step * step;
      EXPECT_LE(std::abs(std::log2(share)), 1.01);  // half an octave of step for each rounding
    }
  }
}

TEST(Allocation, DeadTensorsGetSteps) {
  const TensorLayout layout{.filters = 2, .channels = 2};
  const TensorPlan plan = plan_steps(layout, Transform::kNone, std::vector<double>(4, 0.0));
  for (int step : plan.filter_step) EXPECT_EQ(step, kLargestGroupStep);
  for (int step : plan.channel_step) EXPECT_EQ(step, 0);
}

TEST(Quantiser, EstimatedBitsFollowTheCodes) {
  const TensorLayout layout{.filters = 1, .channels = 1000};
  const std::vector<int32_t> zeros(1000, 0);
  std::vector<int32_t> mixed(1000);
  for (size_t i = 0; i < mixed.size(); ++i) mixed[i] = static_cast<int32_t>(i % 31) - 15;
  EXPECT_LE(estimated_bits(zeros, layout, Transform::kNone), 2.0);
  EXPECT_GE(estimated_bits(mixed, layout, Transform::kNone), 4000.0);
  EXPECT_LE(estimated_bits(mixed, layout, Transform::kNone), 6500.0);
}

}  // namespace
}  // namespace secateur
