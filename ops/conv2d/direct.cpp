#include "ops/conv2d/direct.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/backend/simd.h"
#include "ops/conv2d/direct_kernels.h"
#include "ops/conv2d/sample_sum.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

// [begin, end) of part i of `count` things cut into parts of at most `most`, as even as can be.
struct EvenParts {
  EvenParts(int64_t things, int64_t most) : count(things), parts((things + most - 1) / most) {}
  int64_t begin(int64_t i) const { return i * count / parts; }
  int64_t size(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t count, parts;
};

// All channels of a block of rows in one array; about a thousand outputs stay in the first cache.
struct RowBlocks {
  explicit RowBlocks(const ConvGeometry& g)
      : layout(g),
        rows(std::clamp<int64_t>(1024 / g.out_width(), 1, g.out_height())),
        count((g.out_height() + rows - 1) / rows),
        channel_stride(layout.rows_for(rows) * layout.row_stride) {}

  int64_t rows_of(const ConvGeometry& g, int64_t block) const {
    return std::min<int64_t>(rows, g.out_height() - block * rows);
  }

  void pack(const ConvGeometry& g, const float* x, int64_t block, float* to) const {
    for (int64_t c = 0; c < g.channels; ++c) {
      pack_x(g, layout, x + c * g.height * g.width, block * rows * g.stride,
             layout.rows_for(rows_of(g, block)), to + c * channel_stride);
    }
  }

  std::vector<int64_t> tap_offsets(const ConvGeometry& g) const {
    std::vector<int64_t> offsets;
    for (int64_t c = 0; c < g.channels; ++c) {
      for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
        for (int64_t kx = 0; kx < g.kernel_w; ++kx) {
          offsets.push_back(c * channel_stride + layout.tap_offset(ky, kx));
        }
      }
    }
    return offsets;
  }

  PackedX layout;
  int64_t rows;
  int64_t count;
  int64_t channel_stride;
};

// Every output of a block of rows lies in some vector; the last of a row may overlap the one
// before.
struct Positions {
  Positions(const ConvGeometry& g, const RowBlocks& blocks) : per_row(blocks.layout.blocks) {
    for (int64_t row = 0; row < blocks.rows; ++row) {
      for (int64_t i = 0; i < per_row; ++i) {
        const int64_t last = std::max<int64_t>(0, g.out_width() - kLanes);
        const int64_t column = std::min(i * kLanes, last);
        x_offset.push_back(row * g.stride * blocks.layout.row_stride + column);
        y_offset.push_back(row * g.out_width() + column);
      }
    }
  }
  int64_t per_row;
  std::vector<int64_t> x_offset, y_offset;
};

// [group][tap][filter of the group]
Tensor weights_by_tap(const ConvGeometry& g, const EvenParts& groups, const float* w) {
  Tensor sorted(Shape{g.w_numel()});
  float* to = sorted.data();
  for (int64_t i = 0; i < groups.parts; ++i) {
    for (int64_t t = 0; t < g.taps(); ++t) {
      for (int64_t f = 0; f < groups.size(i); ++f) *to++ = w[(groups.begin(i) + f) * g.taps() + t];
    }
  }
  return sorted;
}

// Filters [first, first + filters), all taps, one sample: dw from lanes that run over all rows.
class SampleGradient {
 public:
  static constexpr int64_t kFiltersPerTask = 12;

  SampleGradient(const ConvGeometry& g, const RowBlocks& blocks, Isa isa)
      : g_(g),
        blocks_(blocks),
        kernels_(direct_kernels(isa)),
        taps_(blocks.tap_offsets(g)),
        dy_row_(blocks.layout.blocks * kLanes) {}

  void run(const float* x, const float* dy, int64_t filters, float* dw) const {
    const int64_t x_numel = g_.channels * blocks_.channel_stride;
    const int64_t lanes_numel = filters * g_.taps() * kLanes;
    Tensor scratch(Shape{x_numel + kGradientGroup * blocks_.rows * dy_row_ + lanes_numel});
    float* const packed_x = scratch.data();
    float* const packed_dy = packed_x + x_numel;
    float* const lanes = packed_dy + kGradientGroup * blocks_.rows * dy_row_;
    std::memset(lanes, 0, static_cast<size_t>(lanes_numel) * sizeof(float));
    const EvenParts groups(filters, kGradientGroup);
    for (int64_t block = 0; block < blocks_.count; ++block) {
      blocks_.pack(g_, x, block, packed_x);
      for (int64_t i = 0; i < groups.parts; ++i) {
        pack_cotangent(dy, groups.begin(i), groups.size(i), block, packed_dy);
        add_block(packed_x, packed_dy, block, groups.size(i),
                  lanes + groups.begin(i) * g_.taps() * kLanes);
      }
    }
    for (int64_t i = 0; i < groups.parts; ++i) {
      add_lanes(groups.size(i), lanes + groups.begin(i) * g_.taps() * kLanes,
                dw + groups.begin(i) * g_.taps());
    }
  }

 private:
  void pack_cotangent(const float* dy, int64_t first, int64_t filters, int64_t block,
                      float* to) const {
    const int64_t width = g_.out_width();
    const int64_t rows = blocks_.rows_of(g_, block);
    for (int64_t f = 0; f < filters; ++f) {
      const float* from = dy + ((first + f) * g_.out_height() + block * blocks_.rows) * width;
      float* row = to + f * blocks_.rows * dy_row_;
      for (int64_t i = 0; i < rows; ++i, from += width, row += dy_row_) {
        std::memcpy(row, from, static_cast<size_t>(width) * sizeof(float));
        std::fill(row + width, row + dy_row_, 0.0f);
      }
    }
  }

  void add_block(const float* x, const float* dy, int64_t block, int64_t filters,
                 float* lanes) const {
    const DirectGradient in{.x = x,
                            .x_row = g_.stride * blocks_.layout.row_stride,
                            .dy = dy,
                            .dy_plane = blocks_.rows * dy_row_,
                            .rows = blocks_.rows_of(g_, block),
                            .blocks = blocks_.layout.blocks};
    const EvenParts parts(g_.taps(), kTapGroup);
    for (int64_t i = 0; i < parts.parts; ++i) {
      kernels_.gradient(in, taps_.data() + parts.begin(i), parts.size(i), filters,
                        lanes + parts.begin(i) * filters * kLanes);
    }
  }

  void add_lanes(int64_t filters, float* lanes, float* dw) const {
    for (int64_t t = 0; t < g_.taps(); ++t) {
      for (int64_t f = 0; f < filters; ++f) {
        dw[f * g_.taps() + t] = sum_of_lanes(lanes + (t * filters + f) * kLanes);
      }
    }
  }

  const ConvGeometry& g_;
  const RowBlocks& blocks_;
  const DirectKernels& kernels_;
  const std::vector<int64_t> taps_;
  const int64_t dy_row_;
};

}  // namespace

void direct_forward(const ConvGeometry& g, int64_t samples, const float* x, const float* w,
                    float* y, Isa isa) {
  const RowBlocks blocks(g);
  const Positions positions(g, blocks);
  const std::vector<int64_t> taps = blocks.tap_offsets(g);
  const EvenParts groups(g.filters, kFilterGroup);
  const Tensor weights = weights_by_tap(g, groups, w);
  const DirectKernels& kernels = direct_kernels(isa);
  parallel_for(samples * blocks.count, [&](int64_t task) {
    const int64_t sample = task / blocks.count;
    const int64_t block = task % blocks.count;
    Tensor packed(Shape{g.channels * blocks.channel_stride});
    blocks.pack(g, x + sample * g.x_numel(), block, packed.data());
    const DirectOutputs out{.x_offset = positions.x_offset.data(),
                            .y_offset = positions.y_offset.data(),
                            .positions = blocks.rows_of(g, block) * positions.per_row,
                            .width = std::min<int64_t>(kLanes, g.out_width()),
                            .y_plane = int64_t{g.out_height()} * g.out_width()};
    float* const to = y + sample * g.y_numel() + block * blocks.rows * g.out_width();
    for (int64_t i = 0; i < groups.parts; ++i) {
      kernels.forward(out, packed.data(), taps.data(), g.taps(),
                      weights.data() + groups.begin(i) * g.taps(), groups.size(i),
                      to + groups.begin(i) * out.y_plane);
    }
  });
}

void direct_backward_weights(const ConvGeometry& g, int64_t samples, const float* x,
                             const float* dy, float* dw, Isa isa) {
  const RowBlocks blocks(g);
  const SampleGradient gradient(g, blocks, isa);
  const EvenParts parts(g.filters, SampleGradient::kFiltersPerTask);
  Tensor partial(Shape{samples, g.w_numel()});
  const int64_t y_plane = int64_t{g.out_height()} * g.out_width();
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
