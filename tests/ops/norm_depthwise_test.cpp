// Where the gradient of x goes, and the kernels that no case of the contract chooses by itself.

#include "ops/norm_depthwise/norm_depthwise.h"

#include <gtest/gtest.h>

#include "ops/conv2d/conv2d.h"
#include "ops/norm_depthwise/mapped_rows_kernels.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

Tensor draw(const Shape& shape, const std::string& purpose) {
  Rng rng(3, purpose);
  Tensor t(shape);
  for (float& v : t.values()) v = static_cast<float>(rng.uniform(-1, 1));
  return t;
}

struct Gradients {
  Tensor image_weights, gamma, beta, w;
};

// The norm stands behind a convolution, whose result somebody keeps or nobody does.
Gradients through_a_network(bool keep) {
  const Variable image(draw({3, 2, 10, 12}, "image"));
  const Variable image_weights(draw({4, 2, 3, 3}, "image_weights"), true);
  const Variable gamma(draw({4}, "gamma"), true), beta(draw({4}, "beta"), true);
  const Variable w(draw({4, 1, 5, 5}, "w"), true);
  BatchNormState state{Tensor::zeros({4}), Tensor::full({4}, 1.0f), Tensor()};
  Variable kept;
  Variable y;
  {
    const Variable x = conv2d(image, image_weights, {.padding = {1, 1, 1, 1}});
    if (keep) kept = x;
    y = norm_depthwise(x, gamma, beta, state, w,
                       {.norm = {.relu = true}, .stride = 2, .padding = {1, 1, 2, 2}});
  }
  const Tensor before = keep ? kept.value().clone() : Tensor();
  backward(y, draw(y.shape(), "cotangent"));
  if (keep) {
    EXPECT_TRUE(same_bits(before, kept.value()));
  }
  return {image_weights.grad(), gamma.grad(), beta.grad(), w.grad()};
}

TEST(NormDepthwise, WritesTheGradientOverItsInputOnlyWhenNobodyReadsIt) {
  const Gradients apart = through_a_network(true);
  const Gradients over = through_a_network(false);
  EXPECT_TRUE(same_bits(apart.image_weights, over.image_weights));
  EXPECT_TRUE(same_bits(apart.gamma, over.gamma));
  EXPECT_TRUE(same_bits(apart.beta, over.beta));
  EXPECT_TRUE(same_bits(apart.w, over.w));
}

TEST(NormDepthwise, MapsRowsWithTheSameBitsOnBothInstructionSets) {
  if (active_isa() != Isa::kAvx512) GTEST_SKIP() << "this machine has no AVX-512";
  for (const bool relu : {false, true}) {
    const ChannelMap map{0.1f, 1.7f, -0.2f, relu};
    for (int64_t count = 1; count < 70; ++count) {
      const Tensor x = draw({count}, "row");
      const int64_t evens = (count + 1) / 2, odds = count / 2;
      Tensor a = Tensor::full({2, evens}, 7.0f), b = Tensor::full({2, evens}, 7.0f);
      mapped_rows_kernels(Isa::kAvx2).split(x.data(), count, map, a.data(), a.data() + evens);
      mapped_rows_kernels(Isa::kAvx512).split(x.data(), count, map, b.data(), b.data() + evens);
      EXPECT_TRUE(same_bits(a, b)) << count;
      for (int64_t i = odds; i < evens; ++i) EXPECT_EQ(a[evens + i], 7.0f) << "past the end";
    }
  }
}

}  // namespace
}  // namespace secateur
