#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/conv2d/direct.h"
#include "ops/conv2d/direct_blocks.h"
#include "ops/conv2d/direct_kernels.h"
#include "ops/sample_sum.h"
#include "ops/vector/simd.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

constexpr int64_t kFiltersPerTask = 10 * kGradientFilters;

// A few filters, all taps, one sample: dw from lanes that run over all rows.
class SampleGradient {
 public:
  SampleGradient(const ConvGeometry& g, Isa isa)
      : g_(g),
        blocks_(g),
        kernels_(direct_kernels(isa)),
        taps_(blocks_.tap_offsets(g)),
        x_numel_(g.channels * blocks_.channel_stride),
        dy_row_(blocks_.layout.blocks * kLanes),
        dy_numel_(whole_vectors() ? 0 : kGradientFilters * blocks_.rows * dy_row_) {}

  // dy and dw of the first of `filters` neighbouring filters.
  void run(const float* x, const float* dy, int64_t filters, float* dw) const {
    const int64_t lanes_numel = filters * g_.taps() * kLanes;
    Tensor scratch = Tensor::zeros({x_numel_ + dy_numel_ + lanes_numel + lanes_numel / kLanes});
    std::vector<double> sums(static_cast<size_t>(filters * g_.taps()), 0.0);
    float* const packed_x = scratch.data();
    float* const packed_dy = packed_x + x_numel_;
    float* const lanes = packed_dy + dy_numel_;
    float* const lane_sums = lanes + lanes_numel;
    const EvenParts groups(filters, kGradientFilters);
    for (int64_t block = 0; block < blocks_.count; ++block) {
      blocks_.pack(g_, x, block, packed_x);
      std::fill_n(lanes, lanes_numel, 0.0f);
      for (int64_t i = 0; i < groups.parts; ++i) {
        const float* const from = dy + groups.begin(i) * y_plane() + block * block_numel();
        add_block(packed_x, from, block, groups.size(i), packed_dy,
                  lanes + groups.begin(i) * g_.taps() * kLanes);
      }
      // Short sums in float, the rest in double: inputs have a large mean, so that the terms cancel
      // and rounding errors would show.
      for (int64_t i = 0; i < groups.parts; ++i) {
        add_lanes(groups.size(i), lanes + groups.begin(i) * g_.taps() * kLanes, lane_sums,
                  sums.data() + groups.begin(i) * g_.taps());
      }
    }
    for (size_t i = 0; i < sums.size(); ++i) dw[i] = static_cast<float>(sums[i]);
  }

 private:
  bool whole_vectors() const { return g_.out_width() % kLanes == 0; }
  int64_t y_plane() const { return g_.out_height() * g_.out_width(); }
  int64_t block_numel() const { return blocks_.rows * g_.out_width(); }

  // Rows that end in the middle of a vector are copied, with zeros behind them.
  void pack_dy_rows(const float* dy, int64_t block, int64_t filters, float* to) const {
    const int64_t width = g_.out_width();
    for (int64_t f = 0; f < filters; ++f) {
      for (int64_t row = 0; row < blocks_.rows_of(g_, block); ++row) {
        std::memcpy(to + (f * blocks_.rows + row) * dy_row_, dy + f * y_plane() + row * width,
                    static_cast<size_t>(width) * sizeof(float));
      }
    }
  }

  void add_block(const float* x, const float* dy, int64_t block, int64_t filters, float* packed_dy,
                 float* lanes) const {
    if (!whole_vectors()) pack_dy_rows(dy, block, filters, packed_dy);
    const DirectGradient in{.x = x,
                            .x_row = g_.stride * blocks_.layout.row_stride,
                            .dy = whole_vectors() ? dy : packed_dy,
                            .dy_plane = whole_vectors() ? y_plane() : blocks_.rows * dy_row_,
                            .rows = blocks_.rows_of(g_, block),
                            .blocks = blocks_.layout.blocks};
    const EvenParts parts(g_.taps(), kTapGroup);
    for (int64_t i = 0; i < parts.parts; ++i) {
      kernels_.gradient(in, taps_.data() + parts.begin(i), parts.size(i), filters,
                        lanes + parts.begin(i) * filters * kLanes);
    }
  }

  void add_lanes(int64_t filters, const float* lanes, float* lane_sums, double* sums) const {
    kernels_.sum_lanes(lanes, filters * g_.taps(), lane_sums);
    for (int64_t t = 0; t < g_.taps(); ++t) {
      for (int64_t f = 0; f < filters; ++f) {
        sums[f * g_.taps() + t] += lane_sums[t * filters + f];
      }
    }
  }

  const ConvGeometry g_;
  const RowBlocks blocks_;
  const DirectKernels& kernels_;
  const std::vector<int64_t> taps_;
  const int64_t x_numel_;
  const int64_t dy_row_;
  const int64_t dy_numel_;
};

}  // namespace

void direct_backward_weights(const ConvGeometry& g, int64_t samples, const float* x,
                             const float* dy, float* dw, Isa isa) {
  const SampleGradient gradient(g, isa);
  const EvenParts parts(g.filters, kFiltersPerTask);
  Tensor partial(Shape{samples, g.w_numel()});
  const int64_t y_plane = g.out_height() * g.out_width();
  parallel_for(samples * parts.parts, [&](int64_t task) {
    const int64_t sample = task / parts.parts;
    const int64_t first = parts.begin(task % parts.parts);
    gradient.run(x + sample * g.x_numel(), dy + (sample * g.filters + first) * y_plane,
                 parts.size(task % parts.parts),
                 partial.data() + sample * g.w_numel() + first * g.taps());
  });
  sum_over_samples(partial, g.w_numel(), dw);
}

}  // namespace secateur
