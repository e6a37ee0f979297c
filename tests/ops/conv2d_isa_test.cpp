// The native paths of conv2d: the same bits with AVX2 and with AVX-512; and the choice of the path.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <utility>

#include "ops/conv2d/conv2d.h"
#include "ops/conv2d/direct.h"
#include "ops/conv2d/minimal.h"
#include "ops/depthwise/depthwise_conv.h"
#include "tests/ops/contract.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

struct Convolution {
  Shape x, w;
  Conv2dOptions options;
};

struct Bits {
  Tensor y, dx, dw;
};

Bits compute(const Convolution& c, Isa isa) {
  const ConvGeometry g = conv2d_geometry(c.x, c.w, c.options);
  const Tensor x = draw(c.x, 0);
  const Tensor w = draw(c.w, 1);
  Bits bits;
  bits.y = Tensor::zeros({c.x[0], g.filters, g.out_height(), g.out_width()});
  bits.dx = Tensor::zeros(c.x);
  bits.dw = Tensor::zeros(c.w);
  const Tensor dy = draw(bits.y.shape(), 2);
  if (conv2d_path(g) == Conv2dPath::kMinimal) {
    minimal_forward(g, c.x[0], x.data(), w.data(), bits.y.data(), isa);
    minimal_backward_weights(g, c.x[0], x.data(), dy.data(), bits.dw.data(), isa);
  } else if (conv2d_path(g) == Conv2dPath::kDepthwise) {
    depthwise_forward(g, c.x[0], x.data(), w.data(), bits.y.data(), isa);
    depthwise_backward(g, c.x[0], x.data(), w.data(), dy.data(), bits.dx.data(), bits.dw.data(),
                       isa);
  } else {
    direct_forward(g, c.x[0], x.data(), w.data(), bits.y.data(), isa);
    direct_backward_weights(g, c.x[0], x.data(), dy.data(), bits.dw.data(), isa);
  }
  return bits;
}

std::vector<Convolution> chained_cases() {
  std::vector<Convolution> cases;
  for (int64_t kernel : {1, 3, 4, 5, 7}) {
    for (int64_t stride : {1, 2, 3}) {
      const Padding2d padding = same_padding(23, 37, kernel, stride);
      cases.push_back({{2, 3, 23, 37}, {3, 1, kernel, kernel}, {stride, padding, 3}});
      for (int64_t filters = 1; filters <= (kernel == 5 && stride < 3 ? 7 : 1); ++filters) {
        cases.push_back({{2, 3, 23, 37}, {filters, 3, kernel, kernel}, {stride, padding, 1}});
      }
    }
  }
  const Padding2d pad5 = same_padding(112, 112, 5, 1);
  cases.push_back({{1, 3, 112, 112}, {100, 3, 5, 5}, {1, {2, 2, 2, 1}, 1}});
  cases.push_back({{1, 4, 112, 112}, {4, 1, 5, 5}, {2, same_padding(112, 112, 5, 2), 4}});
  cases.push_back({{1, 4, 28, 28}, {4, 1, 5, 5}, {1, pad5, 4}});
  return cases;
}

std::vector<Convolution> minimal_cases() {
  std::vector<Convolution> cases;
  for (int64_t filters = 1; filters <= 13; ++filters) {
    const Padding2d padding = same_padding(31, 68, 5, 1);
    cases.push_back({{2, 3, 31, 68}, {filters, 3, 5, 5}, {1, padding, 1}});
  }
  for (int64_t rows = 1; rows <= 7; ++rows) {
    const Padding2d padding{.left = rows % 5, .right = 4 - rows % 5};
    cases.push_back({{1, 2, 9, 64}, {3, 2, rows, 5}, {1, padding, 1}});
  }
  cases.push_back({{1, 3, 112, 112}, {100, 3, 5, 5}, {1, same_padding(112, 112, 5, 1), 1}});
  return cases;
}

std::vector<Convolution> all_cases() {
  std::vector<Convolution> cases = chained_cases();
  for (const Convolution& c : minimal_cases()) cases.push_back(c);
  return cases;
}

TEST(Conv2dIsa, Avx2AndAvx512GiveTheSameBits) {
  if (!has_avx512()) {
    std::cerr << "This machine has no AVX-512: the AVX-512 kernels of conv2d are NOT compared.\n";
    GTEST_SKIP() << "no AVX-512 on this machine: the kernels of the two could not be compared";
  }
  for (const Convolution& c : all_cases()) {
    const Bits narrow = compute(c, Isa::kAvx2);
    const Bits wide = compute(c, Isa::kAvx512);
    const std::string what = fmt::format("x {}, w {}, stride {}, groups {}", c.x, c.w,
                                         c.options.stride, c.options.groups);
    EXPECT_TRUE(same_bits(narrow.y, wide.y)) << "y of " << what;
    EXPECT_TRUE(same_bits(narrow.dx, wide.dx)) << "dx of " << what;
    EXPECT_TRUE(same_bits(narrow.dw, wide.dw)) << "dw of " << what;
  }
}

// Fused multiply-adds over (channel, ky, kx) from zero: one chain when depthwise, else chains of 25
// added in order.
float chains(const Tensor& x, const Tensor& w, const Convolution& c, int64_t f, int64_t oy,
             int64_t ox) {
  const int64_t first = f / (c.w[0] / c.options.groups) * c.w[1];
  const int64_t length = c.options.groups == 1 ? 25 : c.w[1] * c.w[2] * c.w[3];
  float total = 0;
  float sum = 0;
  for (int64_t i = 0; i < c.w[1] * c.w[2] * c.w[3]; ++i) {
    const int64_t row = oy * c.options.stride + i / c.w[3] % c.w[2] - c.options.padding.top;
    const int64_t column = ox * c.options.stride + i % c.w[3] - c.options.padding.left;
    const bool inside = row >= 0 && row < c.x[2] && column >= 0 && column < c.x[3];
    const int64_t plane = first + i / (c.w[2] * c.w[3]);
    const float value = inside ? x[(plane * c.x[2] + row) * c.x[3] + column] : 0.0f;
    sum = std::fma(value, w[f * c.w[1] * c.w[2] * c.w[3] + i], sum);
    if ((i + 1) % length == 0) total += std::exchange(sum, 0.0f);
  }
  return total + sum;
}

TEST(Conv2dIsa, AnElementIsChainsOfFusedMultiplyAddsInOrder) {
  for (const Convolution& c : chained_cases()) {
    const Tensor x = draw(c.x, 0);
    const Tensor w = draw(c.w, 1);
    const Tensor y = compute(c, Isa::kAvx2).y;
    const int64_t plane = y.dim(2) * y.dim(3);
    for (int64_t i = 0; i < y.dim(1) * plane; i += 1 + y.dim(1) * plane / 2003) {
      const int64_t at = i % plane;
      ASSERT_EQ(y[i], chains(x, w, c, i / plane, at / y.dim(3), at % y.dim(3)))
          << "element " << i << " of x " << c.x.str() << ", w " << c.w.str();
    }
  }
}

// Its rounding stays that of the plain sum, within a few times.
TEST(Conv2dIsa, MinimalFilteringIsAsExactAsTheDirectPath) {
  for (const Convolution& c : minimal_cases()) {
    const ConvGeometry g = conv2d_geometry(c.x, c.w, c.options);
    ASSERT_EQ(conv2d_path(g), Conv2dPath::kMinimal);
    Tensor x = draw(c.x, 0);
    for (float& v : x.values()) v += 3;  // as images have a mean
    const Tensor w = draw(c.w, 1);
    Tensor fast = Tensor::zeros({c.x[0], g.filters, g.out_height(), g.out_width()});
    Tensor plain = Tensor::zeros(fast.shape());
    minimal_forward(g, c.x[0], x.data(), w.data(), fast.data());
    direct_forward(g, c.x[0], x.data(), w.data(), plain.data());
    const Tensor dy = draw(fast.shape(), 2);
    Tensor fast_dw = Tensor::zeros(c.w), plain_dw = Tensor::zeros(c.w);
    minimal_backward_weights(g, c.x[0], x.data(), dy.data(), fast_dw.data());
    direct_backward_weights(g, c.x[0], x.data(), dy.data(), plain_dw.data());
    const auto distance = [](const Tensor& a, const Tensor& b) {
      double square = 0, scale = 0;
      for (int64_t i = 0; i < a.numel(); ++i) {
        square += std::pow(double{a[i]} - b[i], 2);
        scale += std::pow(double{b[i]}, 2);
      }
      return std::sqrt(square / scale);
    };
    EXPECT_LT(distance(fast, plain), 6e-7) << c.w.str();
    EXPECT_LT(distance(fast_dw, plain_dw), 2e-6) << c.w.str();
  }
}

TEST(Conv2dPath, FollowsFromTheShapeAndTheReproducibility) {
  const auto path = [](const Shape& x, const Shape& w, int64_t groups) {
    return conv2d_path(conv2d_geometry(x, w, {.groups = groups}));
  };
  for (const auto& [in_force, dense] :
       {std::pair{Reproducibility::kPortable, Conv2dPath::kProduct},
        std::pair{Reproducibility::kThreads, Conv2dPath::kOneDnn}}) {
    const contract::InForce guard(in_force);
    EXPECT_EQ(path({8, 100, 28, 28}, {100, 1, 5, 5}, 100), Conv2dPath::kDepthwise);
    EXPECT_EQ(path({8, 3, 112, 112}, {100, 3, 5, 5}, 1), Conv2dPath::kDirect);
    EXPECT_EQ(conv2d_path(conv2d_geometry({8, 3, 112, 112}, {100, 3, 5, 5},
                                          {.padding = same_padding(112, 112, 5, 1)})),
              Conv2dPath::kMinimal);
    EXPECT_EQ(path({8, 1, 112, 112}, {1, 1, 5, 5}, 1), Conv2dPath::kDirect);
    EXPECT_EQ(path({8, 64, 28, 28}, {64, 64, 3, 3}, 1), dense);
    EXPECT_EQ(path({8, 6, 28, 28}, {6, 3, 3, 3}, 2), dense);
    EXPECT_EQ(path({8, 3, 28, 28}, {6, 1, 3, 3}, 3), dense);
    EXPECT_NE(conv2d_path_name(Conv2dPath::kDirect), conv2d_path_name(dense));
  }
}

TEST(Conv2dPadding, IsThatOfKeras) {
  const auto sides = [](const Padding2d& p) {
    return std::vector{p.top, p.left, p.bottom, p.right};
  };
  EXPECT_EQ(sides(same_padding(112, 112, 5, 2)), (std::vector<int64_t>{1, 1, 2, 2}));
  EXPECT_EQ(sides(same_padding(7, 8, 5, 2)), (std::vector<int64_t>{2, 1, 2, 2}));
  EXPECT_EQ(sides(same_padding(28, 28, 5, 1)), (std::vector<int64_t>{2, 2, 2, 2}));
  EXPECT_EQ(sides(same_padding(5, 6, 1, 2)), (std::vector<int64_t>{0, 0, 0, 0}));
}

}  // namespace
}  // namespace secateur
