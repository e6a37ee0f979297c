// Where the gradient of x goes, and the kernels that no case of the contract chooses by itself.

#include "ops/norm_depthwise/norm_depthwise.h"

#include <gtest/gtest.h>

#include <vector>

#include "ops/conv2d/conv2d.h"
#include "ops/norm_depthwise/row_kernels.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

struct Gradients {
  Tensor image_weights, gamma, beta, w;
};

// The norm stands behind a convolution, whose result somebody keeps or nobody does.
Gradients through_a_network(bool keep) {
  const Variable image(draw({3, 2, 10, 12}, 0));
  const Variable image_weights(draw({4, 2, 3, 3}, 1), true);
  const Variable gamma(draw({4}, 2), true), beta(draw({4}, 3), true);
  const Variable w(draw({4, 1, 5, 5}, 4), true);
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
  backward(y, draw(y.shape(), 5));
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

// What the kernels make of one row; 7 where they must not write.
std::vector<float> through_kernels(int64_t stride, int64_t count, bool relu, Isa isa) {
  const RowKernels& kernels = row_kernels(stride, isa);
  const ChannelMap map{0.1f, 1.7f, -0.2f, relu};
  const Tensor x = draw({count}, 6);
  const Tensor da = draw({2, count}, 7);
  const PhaseRow<const float> phases{da.data(), da.data() + count};
  std::vector<float> all(static_cast<size_t>(6 * count), 7.0f);
  float* const to = all.data();
  SweepSums sums;
  kernels.map(x.data(), count, map, {to, to + count});
  kernels.sweep(x.data(), count, map, phases, {to + 2 * count, to + 3 * count}, to + 4 * count,
                sums);
  const GradientSums total = kernels.total(sums);
  all.push_back(static_cast<float>(total.dy));
  all.push_back(static_cast<float>(total.centred_x));
  return all;
}

TEST(NormDepthwise, RowsHaveTheSameBitsOnBothInstructionSets) {
  if (active_isa() != Isa::kAvx512)
    GTEST_SKIP() << "AVX-512 is not in use: nothing to compare with";
  for (const int64_t stride : {1, 2}) {
    for (int64_t count = 1; count < 70; ++count) {
      for (const bool relu : {false, true}) {
        const std::vector<float> narrow = through_kernels(stride, count, relu, Isa::kAvx2);
        EXPECT_EQ(narrow, through_kernels(stride, count, relu, Isa::kAvx512)) << count;
        const auto at = [&](int64_t i) { return narrow[static_cast<size_t>(i)]; };
        for (int64_t i = stride == 1 ? count : (count + 1) / 2; i < count; ++i) {
          EXPECT_EQ(at(i), 7.0f) << "past the end of a phase";
        }
        EXPECT_EQ(at(5 * count), 7.0f) << "past the end of what passed";
      }
    }
  }
}

}  // namespace
}  // namespace secateur
