#include "ops/conv2d/minimal.h"

#include <algorithm>
#include <vector>

#include "ops/conv2d/direct_blocks.h"
#include "ops/conv2d/direct_kernels.h"
#include "ops/minimal_filtering/minimal_kernels.h"
#include "ops/sample_sum.h"
#include "ops/vector/simd.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

constexpr int64_t kForwardRows = 14;   // of one task
constexpr int64_t kGradientRows = 14;  // whose sums are kept in lanes
constexpr int64_t kFiltersPerTask = 25 * kMinimalGradientFilters;

MinimalRows rows_of(const ConvGeometry& g) {
  return {.height = g.height, .width = g.width, .top = g.pad_top, .left = g.pad_left};
}

// All channels of a sample: to[channel][point][row].
void pack(const ConvGeometry& g, const float* x, int64_t first, int64_t count, int64_t array,
          float* to) {
  for (int64_t c = 0; c < g.channels; ++c) {
    rows_of(g).pack(x + c * g.height * g.width, first, count, array,
                    to + c * kMinimalPoints * array);
  }
}

int64_t y_plane(const ConvGeometry& g) { return g.out_height() * g.out_width(); }

// A block of rows of one sample, all filters.
class BlockForward {
 public:
  BlockForward(const ConvGeometry& g, const float* w, Isa isa)
      : g_(g),
        kernels_(minimal_kernels(isa)),
        groups_(g.filters, kMinimalFilters),
        rows_(std::min<int64_t>(kForwardRows, g.out_height())),
        pitch_(rows_of(g).pitch()),
        array_((rows_ + g.kernel_h - 1) * pitch_),
        u_(Shape{g.w_numel() / kMinimalTaps * kMinimalPoints}) {
    for (int64_t c = 0; c < g.channels; ++c) {
      for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
        kernel_rows_.push_back(c * kMinimalPoints * array_ + ky * pitch_);
      }
    }
    for (int64_t i = 0; i < groups_.parts; ++i) {
      weights_at_points(w + groups_.begin(i) * g.taps(), groups_.size(i), kernel_row_count(),
                        u_.data() + groups_.begin(i) * u_filter());
    }
    const int64_t fours = g.width / kMinimalOutputs;
    for (int64_t row = 0; row < rows_; ++row) {
      for (int64_t first = 0; first < fours; first += kLanes) {
        const int64_t j = std::min(first, fours - kLanes);  // the last of a row overlaps
        v_at_.push_back(row * pitch_ + j);
        y_at_.push_back(row * g.out_width() + j * kMinimalOutputs);
      }
    }
  }

  int64_t blocks() const { return (g_.out_height() + rows_ - 1) / rows_; }

  // x and y of the sample.
  void run(const float* x, int64_t block, float* y) const {
    const int64_t first = block * rows_;
    const int64_t rows = std::min(rows_, g_.out_height() - first);
    Tensor v(Shape{g_.channels * kMinimalPoints * array_});
    pack(g_, x, first, rows + g_.kernel_h - 1, array_, v.data());
    for (int64_t i = 0; i < groups_.parts; ++i) {
      kernels_.plain({.v = v.data(),
                      .array = array_,
                      .row = kernel_rows_.data(),
                      .rows = kernel_row_count(),
                      .u = u_.data() + groups_.begin(i) * u_filter(),
                      .v_at = v_at_.data(),
                      .y_at = y_at_.data(),
                      .vectors = rows * (static_cast<int64_t>(v_at_.size()) / rows_),
                      .y = y + groups_.begin(i) * y_plane(g_) + first * g_.out_width(),
                      .y_plane = y_plane(g_)},
                     groups_.size(i));
    }
  }

 private:
  int64_t kernel_row_count() const { return static_cast<int64_t>(kernel_rows_.size()); }
  int64_t u_filter() const { return kernel_row_count() * kMinimalPoints; }

  const ConvGeometry g_;
  const MinimalKernels& kernels_;
  const EvenParts groups_;
  const int64_t rows_;  // of a block
  const int64_t pitch_;
  const int64_t array_;  // floats of one point of one channel
  Tensor u_;             // [group][kernel row][point][filter]
  std::vector<int64_t> kernel_rows_, v_at_, y_at_;
};

// A few filters of one sample.
class SampleGradient {
 public:
  SampleGradient(const ConvGeometry& g, Isa isa)
      : g_(g),
        kernels_(minimal_kernels(isa)),
        lane_kernels_(direct_kernels(isa)),
        rows_(g.channels * g.kernel_h),
        pitch_(rows_of(g).pitch()),
        // Vectors read on behind the last row.
        v_array_((g.out_height() + g.kernel_h - 1) * pitch_ + kLanes),
        u_array_(round_up(std::min<int64_t>(kGradientRows, g.out_height()) * pitch_, kLanes)) {}

  // dy and dw of the first of `filters` neighbouring filters.
  void run(const float* x, const float* dy, int64_t filters, float* dw) const {
    const int64_t most = kMinimalGradientFilters;
    const int64_t sums = kMinimalPoints * rows_ * most;
    Work work{.v = Tensor::zeros({kMinimalPoints * g_.channels * v_array_}),
              .u = Tensor::zeros({kMinimalPoints * most * u_array_}),
              .lanes = Tensor(Shape{sums * kLanes}),
              .lane_sums = Tensor(Shape{sums})};
    pack(g_, x, 0, g_.out_height() + g_.kernel_h - 1, v_array_, work.v.data());
    const EvenParts groups(filters, most);
    for (int64_t i = 0; i < groups.parts; ++i) {
      group(work, dy + groups.begin(i) * y_plane(g_), groups.size(i),
            dw + groups.begin(i) * g_.taps());
    }
  }

 private:
  struct Work {
    Tensor v;      // [channel][point][row]
    Tensor u;      // [point][filter][row], a few rows
    Tensor lanes;  // [point][kernel row][filter][16]
    Tensor lane_sums;
  };

  void group(Work& work, const float* dy, int64_t filters, float* dw) const {
    const int64_t count = kMinimalPoints * rows_ * filters;
    std::vector<double> sums(static_cast<size_t>(count), 0.0);  // [point][row][filter]
    for (int64_t row = 0; row < g_.out_height(); row += kGradientRows) {
      const int64_t rows = std::min<int64_t>(kGradientRows, g_.out_height() - row);
      const int64_t run = round_up(rows * pitch_, kLanes);
      cotangents(dy + row * g_.out_width(), rows, run, filters, work.u.data());
      for (int64_t k = 0; k < kMinimalPoints; ++k) {
        for (int64_t c = 0; c < g_.channels; ++c) point(work, row, run, k, c, filters);
      }
      // Short sums in float, the rest in double: inputs have a large mean, so that the terms cancel
      // and rounding errors would show.
      lane_kernels_.sum_lanes(work.lanes.data(), count, work.lane_sums.data());
      for (int64_t i = 0; i < count; ++i) sums[static_cast<size_t>(i)] += work.lane_sums[i];
    }
    for (int64_t f = 0; f < filters; ++f) {
      for (int64_t row = 0; row < rows_; ++row) {
        double m[kMinimalPoints];
        for (int64_t k = 0; k < kMinimalPoints; ++k) {
          m[k] = sums[static_cast<size_t>((k * rows_ + row) * filters + f)];
        }
        gradients_from_points(m, dw + (f * rows_ + row) * kMinimalTaps);
      }
    }
  }

  // u[point][filter][four] of a block of rows; the fours between the rows are zero already.
  void cotangents(const float* dy, int64_t rows, int64_t run, int64_t filters, float* u) const {
    const int64_t point = filters * u_array_;
    for (int64_t f = 0; f < filters; ++f) {
      float* const to = u + f * u_array_;
      for (int64_t row = 0; row < rows; ++row) {
        fetch(dy + (f + 1) * y_plane(g_) + row * g_.out_width(), g_.out_width());
        kernels_.cotangents(dy + f * y_plane(g_) + row * g_.out_width(), pitch_ - 1, point,
                            to + row * pitch_);
      }
      for (int64_t k = 0; k < kMinimalPoints; ++k) {
        std::fill(to + k * point + rows * pitch_, to + k * point + run, 0.0f);
      }
    }
  }

  // All kernel rows of one point and one channel, to their lanes.
  void point(Work& work, int64_t row, int64_t run, int64_t k, int64_t c, int64_t filters) const {
    const float* const v = work.v.data() + (c * kMinimalPoints + k) * v_array_ + row * pitch_;
    float* const lanes = work.lanes.data() + (k * rows_ + c * g_.kernel_h) * filters * kLanes;
    const EvenParts parts(g_.kernel_h, kMinimalGradientRows);
    for (int64_t i = 0; i < parts.parts; ++i) {
      kernels_.gradient({.v = v + parts.begin(i) * pitch_,
                         .v_row = pitch_,
                         .u = work.u.data() + k * filters * u_array_,
                         .u_filter = u_array_,
                         .vectors = run / kLanes},
                        parts.size(i), filters, lanes + parts.begin(i) * filters * kLanes);
    }
  }

  const ConvGeometry g_;
  const MinimalKernels& kernels_;
  const DirectKernels& lane_kernels_;
  const int64_t rows_;  // of the kernel, in all channels
  const int64_t pitch_;
  const int64_t v_array_, u_array_;
};

}  // namespace

bool minimal_fits(const ConvGeometry& g) {
  return g.groups == 1 && g.channels <= 4 && g.stride == 1 && g.kernel_w == kMinimalTaps &&
         g.out_width() == g.width && g.width % kMinimalOutputs == 0 &&
         g.width >= kMinimalOutputs * kLanes;
}

void minimal_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                     float* y, Isa isa) {
  const BlockForward forward(g, w, isa);
  parallel_for(samples * forward.blocks(), [&](int64_t task) {
    const int64_t sample = task / forward.blocks();
    forward.run(x + sample * g.x_numel(), task % forward.blocks(), y + sample * g.y_numel());
  });
}

void minimal_backward_weights(const ConvGeometry& g, int64_t samples, const float* x,
                              const float* dy, float* dw, Isa isa) {
  const SampleGradient gradient(g, isa);
  const EvenParts parts(g.filters, kFiltersPerTask);
  Tensor partial(Shape{samples, g.w_numel()});
  parallel_for(samples * parts.parts, [&](int64_t task) {
    const int64_t sample = task / parts.parts;
    const int64_t first = parts.begin(task % parts.parts);
    gradient.run(x + sample * g.x_numel(), dy + (sample * g.filters + first) * y_plane(g),
                 parts.size(task % parts.parts),
                 partial.data() + sample * g.w_numel() + first * g.taps());
  });
  sum_over_samples(partial, g.w_numel(), dw);
}

}  // namespace secateur
