#include "ops/conv2d/packed_plane.h"

#include <algorithm>
#include <cstring>

#include "ops/backend/simd.h"

namespace secateur {
namespace {

void clear(float* to, int64_t count) { std::memset(to, 0, static_cast<size_t>(count) * 4); }

void copy(const float* from, int64_t count, float* to) {
  std::memcpy(to, from, static_cast<size_t>(count) * 4);
}

void copy_every(int64_t stride, const float* from, int64_t count, float* to) {
  if (stride == 1) return copy(from, count, to);
  if (stride == 2) {
    for (int64_t i = 0; i < count; ++i) to[i] = from[2 * i];
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = from[stride * i];
  }
}

// Columns phase, phase + stride, ... of one padded row.
void pack_phase(const ConvGeometry& g, const PackedX& layout, const float* row, int64_t phase,
                float* to) {
  const int64_t used = int64_t{g.out_width() - 1} * g.stride + g.kernel_w;
  const int64_t columns_end = std::min<int64_t>(used, g.pad_left + g.width);
  const int64_t begin = std::max<int64_t>(0, (g.pad_left - phase + g.stride - 1) / g.stride);
  const int64_t end = std::max(begin, (columns_end - phase + g.stride - 1) / g.stride);
  clear(to, begin);
  copy_every(g.stride, row + begin * g.stride + phase - g.pad_left, end - begin, to + begin);
  clear(to + end, layout.phase_width - end);
}

}  // namespace

PackedX::PackedX(const ConvGeometry& g)
    : stride(g.stride),
      kernel_h(g.kernel_h),
      blocks((g.out_width() + kLanes - 1) / kLanes),
      phase_width(round_up(blocks * kLanes + (g.kernel_w - 1) / g.stride, kLanes)),
      row_stride(g.stride * phase_width) {}

void pack_x(const ConvGeometry& g, const PackedX& layout, const float* x, int64_t first,
            int64_t count, float* to) {
  const int64_t used_rows = layout.rows_for(g.out_height());
  for (int64_t p = first; p < first + count; ++p, to += layout.row_stride) {
    const int64_t row = p - g.pad_top;
    if (row < 0 || row >= g.height || p >= used_rows) {
      clear(to, layout.row_stride);
      continue;
    }
    for (int64_t phase = 0; phase < g.stride; ++phase) {
      pack_phase(g, layout, x + row * g.width, phase, to + phase * layout.phase_width);
    }
  }
}

PackedDy::PackedDy(const ConvGeometry& g)
    : taps_h((g.kernel_h + g.stride - 1) / g.stride),
      taps_w((g.kernel_w + g.stride - 1) / g.stride),
      q_row0(g.pad_top / g.stride),
      q_col0(g.pad_left / g.stride),
      q_rows((g.height - 1 + g.pad_top) / g.stride - q_row0 + 1),
      q_blocks(((g.width - 1 + g.pad_left) / g.stride - q_col0 + kLanes) / kLanes),
      margin_top(taps_h - 1 - q_row0),
      margin_left(taps_w - 1 - q_col0),
      rows(std::max(taps_h - 1 + round_up(q_rows, kStripRows),
                    margin_top + round_up(g.out_height(), kStripRows))),
      row_stride(round_up(
          std::max(taps_w - 1 + q_blocks * kLanes, margin_left + round_up(g.out_width(), kLanes)),
          kLanes)) {}

void pack_dy(const ConvGeometry& g, const PackedDy& layout, const float* dy, float* to) {
  const int64_t width = g.out_width();
  const int64_t after = layout.row_stride - layout.margin_left - width;
  clear(to, layout.margin_top * layout.row_stride);
  float* row = to + layout.margin_top * layout.row_stride;
  for (int64_t i = 0; i < g.out_height(); ++i, row += layout.row_stride) {
    clear(row, layout.margin_left);
    copy(dy + i * width, width, row + layout.margin_left);
    clear(row + layout.margin_left + width, after);
  }
  clear(row, (layout.rows - layout.margin_top - g.out_height()) * layout.row_stride);
}

void merge_phases(const float* phases, int64_t phase_width, int64_t stride, int64_t skip,
                  int64_t width, float* to) {
  if (stride == 1) return copy(phases + skip, width, to);
  if (stride == 2) {
    const float* even = phases;
    const float* odd = phases + phase_width;
    if (skip == 1) {  // starts with the odd one: then the roles are exchanged
      std::swap(even, odd);
      ++odd;
    }
    for (int64_t i = 0; i < width / 2; ++i) {
      to[2 * i] = even[i];
      to[2 * i + 1] = odd[i];
    }
    if (width % 2 == 1) to[width - 1] = even[width / 2];
    return;
  }
  for (int64_t i = 0; i < width; ++i) {
    to[i] = phases[(i + skip) % stride * phase_width + (i + skip) / stride];
  }
}

}  // namespace secateur
