#pragma once
// How a direct convolution is cut: by the shape, never by the number of threads.

#include <algorithm>
#include <vector>

#include "ops/padded_plane/plane_layout.h"

namespace secateur {

// [begin, end) of part i of `count` things cut into parts of at most `most`, as even as can be.
struct EvenParts {
  EvenParts(int64_t things, int64_t most) : count(things), parts((things + most - 1) / most) {}
  int64_t begin(int64_t i) const { return i * count / parts; }
  int64_t size(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t count, parts;
};

// All channels of a block of rows of y in one packed array, which stays in the second cache at
// most.
struct RowBlocks {
  explicit RowBlocks(const ConvGeometry& g)
      : layout(g),
        rows(std::clamp<int64_t>(2688 / g.out_width(), 1, g.out_height())),
        count((g.out_height() + rows - 1) / rows),
        channel_stride(layout.rows_under(rows) * layout.row_stride) {}

  int64_t rows_of(const ConvGeometry& g, int64_t block) const {
    return std::min<int64_t>(rows, g.out_height() - block * rows);
  }

  void pack(const ConvGeometry& g, const float* x, int64_t block, float* to) const {
    const int64_t first = block * rows * g.stride;
    const int64_t end = first + layout.rows_under(rows_of(g, block));
    for (int64_t c = 0; c < g.channels; ++c) {
      layout.pack(x + c * g.height * g.width, first, end, to + c * channel_stride);
    }
  }

  std::vector<int64_t> tap_offsets(const ConvGeometry& g) const {
    std::vector<int64_t> offsets;
    for (int64_t c = 0; c < g.channels; ++c) {
      for (int64_t ky = 0; ky < g.kernel_h; ++ky) {
        for (int64_t kx = 0; kx < g.kernel_w; ++kx) {
          offsets.push_back(c * channel_stride + layout.tap(ky, kx));
        }
      }
    }
    return offsets;
  }

  PlaneLayout layout;
  int64_t rows;
  int64_t count;
  int64_t channel_stride;
};

}  // namespace secateur
