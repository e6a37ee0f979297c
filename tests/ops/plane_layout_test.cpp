#include "ops/padded_plane/plane_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace secateur {
namespace {

const std::vector<ConvGeometry>& planes() {
  static const std::vector<ConvGeometry> all = {
      {.height = 5, .width = 7, .kernel_h = 1, .kernel_w = 1},
      {.height = 6,
       .width = 40,
       .kernel_h = 5,
       .kernel_w = 5,
       .pad_top = 2,
       .pad_left = 2,
       .pad_bottom = 2,
       .pad_right = 2},
      {.height = 9,
       .width = 32,
       .kernel_h = 5,
       .kernel_w = 5,
       .stride = 2,
       .pad_top = 1,
       .pad_left = 1,
       .pad_bottom = 2,
       .pad_right = 2},
      // The last row and column are under no window.
      {.height = 8, .width = 20, .kernel_h = 3, .kernel_w = 3, .stride = 2},
      {.height = 11,
       .width = 23,
       .kernel_h = 4,
       .kernel_w = 3,
       .stride = 3,
       .pad_top = 1,
       .pad_left = 2,
       .pad_right = 1},
  };
  return all;
}

std::vector<float> counted(int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

// What tap (ky, kx) of output (oy, ox) reads of the channel.
float read(const ConvGeometry& g, const std::vector<float>& x, int64_t oy, int64_t ox, int64_t ky,
           int64_t kx) {
  const int64_t row = oy * g.stride + ky - g.pad_top;
  const int64_t col = ox * g.stride + kx - g.pad_left;
  const bool inside = row >= 0 && row < g.height && col >= 0 && col < g.width;
  return inside ? x[static_cast<size_t>(row * g.width + col)] : 0.0f;
}

void expect_windows(const PlaneLayout& layout, const std::vector<float>& x, const float* packed) {
  const ConvGeometry& g = layout.g;
  for (int64_t oy = 0; oy < g.out_height(); ++oy) {
    for (int64_t ox = 0; ox < g.out_width(); ++ox) {
      for (int64_t tap = 0; tap < g.kernel_h * g.kernel_w; ++tap) {
        const int64_t ky = tap / g.kernel_w;
        const int64_t kx = tap % g.kernel_w;
        ASSERT_EQ(packed[layout.output(oy, ox) + layout.tap(ky, kx)], read(g, x, oy, ox, ky, kx))
            << "stride " << g.stride << ", output " << oy << " " << ox << ", tap " << tap;
      }
    }
  }
}

// Two parts into an array that holds NaN.
TEST(PlaneLayout, HasUnderEveryTapWhatTheWindowReads) {
  for (const ConvGeometry& g : planes()) {
    const PlaneLayout layout(g);
    const std::vector<float> x = counted(g.height * g.width);
    std::vector<float> packed(static_cast<size_t>(layout.numel()),
                              std::numeric_limits<float>::quiet_NaN());
    for (const auto& [first, end] : {std::pair{int64_t{0}, int64_t{3}}, {3, layout.rows()}}) {
      float* const to = packed.data() + first * layout.row_stride;
      layout.clear_margins(first, end, to);
      layout.pack(x.data(), first, end, to);
    }
    expect_windows(layout, x, packed.data());
  }
}

TEST(PlaneLayout, PlacesPixelsWherePackPutsThem) {
  for (const ConvGeometry& g : planes()) {
    const PlaneLayout layout(g);
    const std::vector<float> x = counted(g.height * g.width);
    std::vector<float> packed(static_cast<size_t>(layout.numel()),
                              std::numeric_limits<float>::quiet_NaN());
    layout.clear_margins(0, layout.rows(), packed.data());
    for (int64_t i = 0; i < g.height * g.width; ++i) {
      packed[static_cast<size_t>(layout.place(i / g.width, i % g.width))] =
          x[static_cast<size_t>(i)];
    }
    expect_windows(layout, x, packed.data());
  }
}

// A pixel that no window reads is not read: it may be NaN, and kernels multiply whole vectors.
TEST(PlaneLayout, HasZerosWhereNoWindowReads) {
  const ConvGeometry g{.height = 8, .width = 20, .kernel_h = 3, .kernel_w = 3, .stride = 2};
  const PlaneLayout layout(g);
  ASSERT_EQ(layout.used_rows(), 7);
  ASSERT_EQ(layout.used_columns(), 19);
  const int64_t rows = layout.rows() + 4;
  std::vector<float> packed(static_cast<size_t>(rows * layout.row_stride), 0.0f);
  layout.pack(counted(g.height * g.width).data(), 0, rows, packed.data());
  const size_t row = static_cast<size_t>(layout.row_stride);
  EXPECT_EQ(packed[static_cast<size_t>(layout.place(6, 19))], 0.0f);
  EXPECT_EQ(std::vector<float>(packed.begin() + static_cast<int64_t>(7 * row), packed.end()),
            std::vector<float>(5 * row, 0.0f));
}

TEST(Phases, AreMergedAgain) {
  constexpr int64_t kWidth = 32;  // of a phase
  for (int64_t stride = 1; stride <= 3; ++stride) {
    for (int64_t first = 0; first < 3; ++first) {
      for (const int64_t count : {1, 2, 15, 16, 17, 27}) {
        const std::vector<float> row = counted(count);
        std::vector<float> phases(static_cast<size_t>(stride * kWidth), -1.0f);
        std::vector<float> back(row.size());
        split_phases(row.data(), count, first, stride, kWidth, phases.data());
        merge_phases(phases.data(), kWidth, stride, first, count, back.data());
        EXPECT_EQ(back, row) << "stride " << stride << ", first " << first;
        EXPECT_EQ(std::count(phases.begin(), phases.end(), -1.0f), stride * kWidth - count);
      }
    }
  }
}

}  // namespace
}  // namespace secateur
