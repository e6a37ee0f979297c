#include "interpretation/representation/jacobian_spread.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "interpretation/representation/layer_patterns.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/interpretation/pattern_tables.h"
#include "tests/models/lively_model.h"
#include "tests/watching.h"

namespace secateur {
namespace {

Tensor bright_pixels(int64_t count) {
  Tensor pixels = random_images(kSmallInput, count, 5, 40);
  for (float& v : pixels.values()) v = std::clamp(v + 120, 0.0f, 255.0f);
  return pixels;
}

Architecture small_student(Activation activation) {
  Architecture a = student_architecture({4, 3, 3, 2, 2}, kSmallInput);
  for (Block& block : a.blocks) block.activation = activation;
  return a;
}

// numpy: d = abs(J - J.mean(0)).sum(1); d.std(), (d[3] - d.mean())^2.
TEST(JacobianSpread, IsWhatNumpySays) {
  const JacobianSpread spread = jacobian_spread(table_x());
  EXPECT_NEAR(spread.jne, 0.5685585379183375, 1e-9);
  EXPECT_NEAR(spread.distances[3], 2.9946589448622296, 1e-9);
  EXPECT_NEAR(spread.specificity[3], 0.18225182551421126, 1e-9);
  EXPECT_NEAR(spread.relative, 0.9541123174306817, 1e-9);
}

TEST(JacobianSpread, OfEqualJacobiansIsZero) {
  Tensor same(Shape{9, 40});
  for (int64_t i = 0; i < same.numel(); ++i) same[i] = 0.1f * static_cast<float>(i % 40);
  const JacobianSpread spread = jacobian_spread(same);
  EXPECT_EQ(spread.jne, 0);
  EXPECT_EQ(spread.relative, 0);
  EXPECT_EQ(jacobian_spread(Tensor::zeros({3, 2})).relative, 0);
  EXPECT_THROW(jacobian_spread(Tensor(Shape{0, 3})), Error);
}

// |x| with as many x on either side: the published number is 0, ours 1.
TEST(JacobianSpread, OfTheAbsoluteValueShowsWhatJneDoesNotSee) {
  const JacobianSpread spread = jacobian_spread(Tensor::of({4, 1}, {1, -1, 1, -1}));
  EXPECT_EQ(spread.jne, 0);
  EXPECT_EQ(spread.relative, 1);
  // A ReLU that half of the images drive: Jacobians 0 and 1, mean 0.5.
  EXPECT_NEAR(jacobian_spread(Tensor::of({4, 1}, {0, 1, 0, 1})).relative, std::sqrt(0.5), 1e-12);
}

TEST(LayerNonlinearity, OfANetworkWithoutReluIsExactlyZero) {
  const PixelResponse response(lively_model(small_student(Activation::kLinear), 1));
  Observer nobody;
  const auto layers = layer_nonlinearity(response, bright_pixels(5), 1, nobody);
  ASSERT_EQ(layers.size(), 6u);
  for (const LayerNonlinearity& layer : layers) {
    EXPECT_EQ(layer.behind.jne, 0) << layer.name;
    EXPECT_EQ(layer.behind.relative, 0) << layer.name;
    EXPECT_EQ(layer.block.jne, 0) << layer.name;
    EXPECT_EQ(layer.block.relative, 0) << layer.name;
  }
}

TEST(LayerNonlinearity, OfPixelsIsThatOfTheGradients) {
  Model model = lively_model(small_student(Activation::kRelu), 1);
  model.set_output_scale({3}, {2});
  const PixelResponse response(model);
  const Tensor pixels = bright_pixels(20);
  Watching watched;
  const auto layers = layer_nonlinearity(response, pixels, 1, watched);
  const JacobianSpread wanted = jacobian_spread(response.gradient(pixels).gradient);
  EXPECT_NEAR(layers[0].behind.jne, wanted.jne, 1e-6 * wanted.jne);
  EXPECT_NEAR(layers[0].behind.relative, wanted.relative, 1e-6);
  EXPECT_GE(layers[0].behind.relative, 0.1);
  for (size_t i = 0; i < wanted.specificity.size(); ++i) {
    EXPECT_NEAR(layers[0].behind.specificity[i], wanted.specificity[i],
                1e-5 * wanted.jne * wanted.jne);
  }
  EXPECT_TRUE(layers[0].block.distances.empty());
  EXPECT_EQ(watched.heard.back().done, watched.heard.back().total);
}

// One ReLU left: what is behind it is linear, what it does itself is not.
TEST(LayerNonlinearity, StandsWhereTheReluIs) {
  Architecture a = small_student(Activation::kLinear);
  a.blocks[2].activation = Activation::kRelu;
  const PixelResponse response(lively_model(a, 1));
  Observer nobody;
  const auto layers = layer_nonlinearity(response, bright_pixels(8), 1, nobody);
  for (size_t l = 0; l < layers.size(); ++l) {
    EXPECT_EQ(layers[l].behind.relative > 0, l < 3) << l;
    EXPECT_EQ(layers[l].block.relative > 0, l == 3) << l;
  }
}

// Direction by direction, from the patterns that the block reads.
TEST(LayerNonlinearity, OfABlockIsThatOfItsDirections) {
  const PixelResponse response(lively_model(small_student(Activation::kRelu), 1));
  const Tensor pixels = bright_pixels(4);
  Observer nobody;
  const auto layers = layer_nonlinearity(response, pixels, 7, nobody);
  const Model& model = response.model();
  const Shape in = model.architecture().shape_before(1);
  const Tensor read = layer_patterns(model, pixels)[1].patterns;
  Tensor jacobians(Shape{4, kBlockDirections * in.numel()});
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t d = 0; d < kBlockDirections; ++d) {
      const Variable x(read.rows(i, i + 1).reshaped({1, in[0], in[1], in[2]}).clone(), true);
      const Variable y = model.forward_blocks(x, 1, 2, Mode::kEvaluation);
      Tensor direction(y.shape());
      Rng rng(7, "jacobian direction", static_cast<uint64_t>(2 * kBlockDirections + d));
      for (float& v : direction.values()) v = rng.below(2) == 0 ? -1.0f : 1.0f;
      backward(y, direction);
      std::copy_n(x.grad().data(), in.numel(),
                  jacobians.data() + (i * kBlockDirections + d) * in.numel());
    }
  }
  const JacobianSpread wanted = jacobian_spread(jacobians);
  EXPECT_NEAR(layers[2].block.jne, wanted.jne, 1e-5 * wanted.jne);
  EXPECT_NEAR(layers[2].block.relative, wanted.relative, 1e-5);
}

TEST(LayerNonlinearity, HasTheSameBitsOnAnyNumberOfThreads) {
  const PixelResponse response(lively_model(small_student(Activation::kRelu), 1));
  const Tensor pixels = bright_pixels(6);
  Observer nobody;
  set_thread_budget(1);
  const auto one = layer_nonlinearity(response, pixels, 1, nobody);
  set_thread_budget(3);
  const auto three = layer_nonlinearity(response, pixels, 1, nobody);
  set_thread_budget(0);
  for (size_t l = 0; l < one.size(); ++l) {
    EXPECT_EQ(one[l].behind.distances, three[l].behind.distances);
    EXPECT_EQ(one[l].block.distances, three[l].block.distances);
  }
}

TEST(LayerNonlinearity, CanBeStoppedAndRefuses) {
  const PixelResponse response(lively_model(small_student(Activation::kRelu), 1));
  Watching watched(2);
  EXPECT_THROW(layer_nonlinearity(response, bright_pixels(3), 1, watched), Stopped);
  Observer nobody;
  EXPECT_THROW(layer_nonlinearity(response, Tensor(Shape{0, 3, 16, 12}), 1, nobody), Error);
}

}  // namespace
}  // namespace secateur
