#include "ops/conv2d/direct.h"

#include <algorithm>
#include <vector>

#include "ops/conv2d/direct_blocks.h"
#include "ops/conv2d/direct_kernels.h"
#include "ops/vector/simd.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace secateur {
namespace {

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
    Tensor packed = Tensor::zeros({g.channels * blocks.channel_stride});
    blocks.pack(g, x + sample * g.x_numel(), block, packed.data());
    const DirectOutputs out{.x_offset = positions.x_offset.data(),
                            .y_offset = positions.y_offset.data(),
                            .positions = blocks.rows_of(g, block) * positions.per_row,
                            .width = std::min<int64_t>(kLanes, g.out_width()),
                            .y_plane = g.out_height() * g.out_width()};
    float* const to = y + sample * g.y_numel() + block * blocks.rows * g.out_width();
    for (int64_t i = 0; i < groups.parts; ++i) {
      kernels.forward(out, packed.data(), taps.data(), g.taps(),
                      weights.data() + groups.begin(i) * g.taps(), groups.size(i),
                      to + groups.begin(i) * out.y_plane);
    }
  });
}

}  // namespace secateur
