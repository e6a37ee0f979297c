#include "ops/backend/onednn_conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ops/backend/onednn.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"
#include "tests/ops/draw.h"

namespace secateur {
namespace {

struct Results {
  Tensor y, dx, dw;
};

struct Inputs {
  explicit Inputs(const ConvGeometry& g)
      : x(draw({g.x_numel()}, 0)), w(draw({g.w_numel()}, 1)), dy(draw({g.y_numel()}, 2)) {}
  Tensor x, w, dy;

  Results run(const ConvGeometry& g) const {
    const float nan = std::nanf("");
    Results r{Tensor::full(dy.shape(), nan), Tensor::full(x.shape(), nan),
              Tensor::full(w.shape(), nan)};
    onednn_conv_forward(g, x.data(), w.data(), r.y.data());
    onednn_conv_backward_data(g, w.data(), dy.data(), r.dx.data());
    onednn_conv_backward_weights(g, x.data(), dy.data(), r.dw.data());
    return r;
  }
};

// Calls body(x index, w index, y index) for every product behind the convolution.
template <class Body>
void for_each_product(const ConvGeometry& g, const Body& body) {
  const int64_t per_group = g.channels / g.groups;
  for (int64_t y = 0; y < g.y_numel(); ++y) {
    const int64_t ox = y % g.out_width();
    const int64_t oy = y / g.out_width() % g.out_height();
    const int64_t f = y / g.out_width() / g.out_height();
    for (int64_t tap = 0; tap < g.taps(); ++tap) {
      const int64_t ix = ox * g.stride + tap % g.kernel_w - g.pad_left;
      const int64_t iy = oy * g.stride + tap / g.kernel_w % g.kernel_h - g.pad_top;
      const int64_t c = f / (g.filters / g.groups) * per_group + tap / (g.kernel_w * g.kernel_h);
      if (ix < 0 || ix >= g.width || iy < 0 || iy >= g.height) continue;
      body((c * g.height + iy) * g.width + ix, f * g.taps() + tap, y);
    }
  }
}

double largest_error(const Tensor& got, const std::vector<double>& wanted) {
  double worst = 0;
  for (int64_t i = 0; i < got.numel(); ++i) {
    const double error = std::abs(got[i] - wanted[static_cast<size_t>(i)]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

std::vector<ConvGeometry> convolutions() {
  // channels, height, width, filters, kernel, stride, padding (top, left, bottom, right), groups.
  // The last five differ in one padding each: a plan must not serve another's.
  return {{3, 19, 17, 7, 5, 5, 1, 2, 2, 2, 2, 1},  {20, 9, 8, 33, 3, 3, 1, 1, 1, 1, 1, 1},
          {20, 9, 8, 33, 3, 3, 1, 0, 0, 0, 0, 1},  {5, 12, 13, 10, 3, 2, 2, 0, 0, 1, 1, 5},
          {6, 14, 13, 12, 5, 5, 2, 1, 1, 2, 2, 3}, {19, 12, 12, 19, 5, 5, 2, 1, 1, 2, 2, 19},
          {3, 11, 10, 3, 5, 5, 1, 2, 2, 2, 2, 3},  {32, 7, 7, 24, 1, 1, 1, 0, 0, 0, 0, 1},
          {18, 8, 8, 5, 1, 1, 2, 0, 0, 0, 0, 1},   {1, 6, 6, 1, 5, 5, 1, 4, 4, 4, 4, 1},
          {2, 3, 40, 4, 3, 5, 3, 1, 2, 0, 1, 2},   {16, 5, 5, 16, 5, 5, 1, 0, 0, 0, 0, 1},
          {4, 8, 8, 5, 3, 3, 2, 0, 0, 0, 0, 1},    {4, 8, 8, 5, 3, 3, 2, 1, 0, 0, 0, 1},
          {4, 8, 8, 5, 3, 3, 2, 0, 1, 0, 0, 1},    {4, 8, 8, 5, 3, 3, 2, 0, 0, 1, 0, 1},
          {4, 8, 8, 5, 3, 3, 2, 0, 0, 0, 1, 1}};
}

TEST(OnednnConv, EqualsTheSumOfProducts) {
  for (const ConvGeometry& g : convolutions()) {
    const Inputs in(g);
    const Results got = in.run(g);
    std::vector<double> y(static_cast<size_t>(g.y_numel()));
    std::vector<double> dx(static_cast<size_t>(g.x_numel()));
    std::vector<double> dw(static_cast<size_t>(g.w_numel()));
    for_each_product(g, [&](int64_t ix, int64_t iw, int64_t iy) {
      y[static_cast<size_t>(iy)] += double{in.x[ix]} * double{in.w[iw]};
      dx[static_cast<size_t>(ix)] += double{in.dy[iy]} * double{in.w[iw]};
      dw[static_cast<size_t>(iw)] += double{in.dy[iy]} * double{in.x[ix]};
    });
    const std::string what = fmt::format("{} -> {}, {} x {}, stride {}, groups {}", g.channels,
                                         g.filters, g.kernel_h, g.kernel_w, g.stride, g.groups);
    EXPECT_LE(largest_error(got.y, y), 1e-4) << what;
    EXPECT_LE(largest_error(got.dx, dx), 1e-4) << what;
    EXPECT_LE(largest_error(got.dw, dw), 1e-4) << what;
  }
}

// Primitives are made on first use, so each budget has threads that make their own.
TEST(OnednnConv, HasTheSameBitsOnAnyThread) {
  for (const ConvGeometry& g : convolutions()) {
    const Inputs in(g);
    const Results alone = in.run(g);
    for (int threads : {2, 3}) {
      set_thread_budget(threads);
      std::vector<int> same(6, 0);
      parallel_for(6, [&](int64_t i) {
        const Results r = in.run(g);
        same[static_cast<size_t>(i)] =
            same_bits(r.y, alone.y) && same_bits(r.dx, alone.dx) && same_bits(r.dw, alone.dw);
      });
      EXPECT_EQ(same, std::vector<int>(6, 1)) << g.channels << " -> " << g.filters;
    }
  }
  set_thread_budget(0);
}

// More shapes than a thread holds plans for; the first one still answers the same afterwards.
TEST(OnednnConv, SurvivesMoreShapesThanItKeeps) {
  const ConvGeometry first{2, 4, 4, 3, 3, 3, 1, 1, 1, 1, 1, 1};
  const Results before = Inputs(first).run(first);
  for (int width = 4; width < 140; ++width) {
    const ConvGeometry g{2, 4, width, 3, 3, 3, 1, 1, 1, 1, 1, 1};
    const Inputs in(g);
    Tensor y(in.dy.shape());
    onednn_conv_forward(g, in.x.data(), in.w.data(), y.data());
    ASSERT_TRUE(y.all_finite());
  }
  EXPECT_TRUE(same_bits(Inputs(first).run(first).y, before.y));
}

TEST(OnednnConv, RefusesWhatOnednnRefuses) {
  const ConvGeometry impossible{2, 4, 4, 3, 9, 9, 1, 0, 0, 0, 0, 1};
  std::vector<float> data(1000);
  try {
    onednn_conv_forward(impossible, data.data(), data.data(), data.data());
    FAIL() << "a kernel larger than the image was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 48),
              "[conv2d] wanted a shape that oneDNN computes, it");
  }
}

TEST(Onednn, DescribesItself) { EXPECT_EQ(onednn_description().substr(0, 7), "oneDNN "); }

}  // namespace
}  // namespace secateur
