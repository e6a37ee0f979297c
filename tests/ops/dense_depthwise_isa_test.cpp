// The kernels of dense_depthwise: the same bits with AVX2 and with AVX-512, and what they are.

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <utility>

#include "ops/dense_depthwise/dense_depthwise.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

struct Layer {
  Shape x;
  int64_t filters, kernel, depthwise, stride;
  bool relu = true;
};

Window around(int64_t kernel, int64_t stride) {
  const int64_t before = (kernel - 1) / 2;
  const int64_t after = kernel / 2;
  return {.stride = stride, .top = before, .left = before, .bottom = after, .right = after};
}

Tensor compute(const Layer& c, Isa isa) {
  const Tensor w = draw({c.filters, c.x[0], c.kernel, c.kernel}, 1);
  const Tensor v = c.depthwise == 0 ? Tensor() : draw({c.filters, 1, c.depthwise, c.depthwise}, 3);
  const DenseDepthwise layer(c.x, w, draw({c.filters}, 2), v,
                             {.dense = around(c.kernel, 1),
                              .relu = c.relu,
                              .depthwise = around(std::max<int64_t>(c.depthwise, 1), c.stride)},
                             isa);
  return dense_depthwise({&layer, 1}, draw({2, c.x[0], c.x[1], c.x[2]}, 0));
}

std::vector<Layer> layers() {
  std::vector<Layer> cases;
  for (int64_t filters = 1; filters <= 7; ++filters) {
    for (const int64_t kernel : {1, 3}) {
      for (const int64_t width : {5, 13, 16, 24, 28, 56, 112}) {
        cases.push_back({{3, 9, width}, filters, kernel, 0, 1, filters % 2 == 0});
        for (const int64_t depthwise : {3, 4, 5}) {
          for (const int64_t stride : {1, 2, 3}) {
            cases.push_back({{30, 9, width}, filters, kernel, depthwise, stride});
          }
        }
      }
    }
  }
  // Outputs in pairs.
  for (int64_t filters = 1; filters <= 14; ++filters) {
    cases.push_back({{3, 9, 40}, filters, 5, 3, 2, filters % 2 == 0});
    cases.push_back({{2, 7, 32}, filters, 5, 3, 2});
  }
  cases.push_back({{3, 112, 112}, 57, 5, 3, 2});
  cases.push_back({{3, 112, 112}, 57, 5, 5, 2});
  cases.push_back({{57, 56, 56}, 54, 1, 5, 2});
  return cases;
}

TEST(DenseDepthwiseIsa, Avx2AndAvx512GiveTheSameBits) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
    std::cerr << "This machine has no AVX-512: the kernels of dense_depthwise are NOT compared.\n";
    GTEST_SKIP() << "no AVX-512 on this machine: the kernels of the two could not be compared";
  }
  for (const Layer& c : layers()) {
    EXPECT_TRUE(same_bits(compute(c, Isa::kAvx2), compute(c, Isa::kAvx512)))
        << "x " << c.x.str() << ", " << c.filters << " filters, kernel " << c.kernel
        << ", depthwise " << c.depthwise << ", stride " << c.stride;
  }
}

// Chains of 25 fused multiply-adds over the channels, added in order, then the bias.
TEST(DenseDepthwiseIsa, AnElementIsChainsOfFusedMultiplyAddsInOrder) {
  const Layer c{{60, 6, 7}, 8, 1, 0, 1};
  const Tensor x = draw({2, 60, 6, 7}, 0);
  const Tensor w = draw({8, 60, 1, 1}, 1);
  const Tensor b = draw({8}, 2);
  const Tensor y = compute(c, Isa::kAvx2);
  for (int64_t i = 0; i < y.numel(); ++i) {
    const int64_t f = i / 42 % 8;
    float total = 0;
    float chain = 0;
    for (int64_t k = 0; k < 60; ++k) {
      chain = std::fma(x[(i / (8 * 42) * 60 + k) * 42 + i % 42], w[f * 60 + k], chain);
      if (k % 25 == 24)
        total = k == 24 ? std::exchange(chain, 0.0f) : total + std::exchange(chain, 0.0f);
    }
    ASSERT_EQ(y[i], std::max(total + chain + b[f], 0.0f)) << i;
  }
}

}  // namespace
}  // namespace secateur
