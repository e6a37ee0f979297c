#include "ops/depthwise/cotangent_layout.h"

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {

CotangentLayout::CotangentLayout(const ConvGeometry& g)
    : out_height(g.out_height()),
      out_width(g.out_width()),
      taps_h((g.kernel_h + g.stride - 1) / g.stride),
      taps_w((g.kernel_w + g.stride - 1) / g.stride),
      q_row0(g.pad_top / g.stride),
      q_col0(g.pad_left / g.stride),
      q_rows((g.height - 1 + g.pad_top) / g.stride - q_row0 + 1),
      q_blocks(((g.width - 1 + g.pad_left) / g.stride - q_col0 + kLanes) / kLanes),
      margin_top(taps_h - 1 - q_row0),
      margin_left(taps_w - 1 - q_col0),
      rows(std::max(taps_h - 1 + round_up(q_rows, kStripRows),
                    margin_top + round_up(out_height, kStripRows))),
      row_stride(round_up(
          std::max(taps_w - 1 + q_blocks * kLanes, margin_left + round_up(out_width, kLanes)),
          kLanes)) {}

void CotangentLayout::pack(const float* dy, float* to) const {
  to += origin();
  for (int64_t i = 0; i < out_height; ++i) {
    copy_floats(dy + i * out_width, out_width, to + i * row_stride);
  }
}

}  // namespace secateur
