#include "ops/padded_plane/packed_plane.h"

#include <algorithm>
#include <cstring>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

void clear(float* to, int64_t count) { std::memset(to, 0, static_cast<size_t>(count) * 4); }

using Eight = float __attribute__((vector_size(32)));

Eight load_eight(const float* from) {
  Eight v;
  std::memcpy(&v, from, sizeof(v));
  return v;
}

void store_eight(float* to, Eight v) { std::memcpy(to, &v, sizeof(v)); }

// even[i] = from[2 * i] and odd[i] = from[2 * i + 1] of `count` elements. Eight pairs at a time;
// the last eight may overlap the ones before.
void split_pairs(const float* from, int64_t count, float* even, float* odd) {
  const int64_t pairs = count / 2;
  for (int64_t i = 0; pairs >= 8 && i < pairs; i += 8) {
    const int64_t at = std::min(i, pairs - 8);
    const Eight a = load_eight(from + 2 * at);
    const Eight b = load_eight(from + 2 * at + 8);
    store_eight(even + at, __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    store_eight(odd + at, __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15));
  }
  for (int64_t i = 0; pairs < 8 && i < pairs; ++i) {
    even[i] = from[2 * i];
    odd[i] = from[2 * i + 1];
  }
  if (count % 2 == 1) even[pairs] = from[2 * pairs];
}

void join_pairs(const float* even, const float* odd, int64_t count, float* to) {
  const int64_t pairs = count / 2;
  for (int64_t i = 0; pairs >= 8 && i < pairs; i += 8) {
    const int64_t at = std::min(i, pairs - 8);
    const Eight a = load_eight(even + at);
    const Eight b = load_eight(odd + at);
    store_eight(to + 2 * at, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    store_eight(to + 2 * at + 8, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (int64_t i = 0; pairs < 8 && i < pairs; ++i) {
    to[2 * i] = even[i];
    to[2 * i + 1] = odd[i];
  }
  if (count % 2 == 1) to[2 * pairs] = even[pairs];
}

void pack_row(const ConvGeometry& g, const PackedX& layout, const float* row, float* to) {
  const int64_t used = int64_t{g.out_width() - 1} * g.stride + g.kernel_w;
  const int64_t count = std::min<int64_t>(used - g.pad_left, g.width);
  if (g.stride == 1) {
    copy_floats(row, count, to + g.pad_left);
  } else if (g.stride == 2) {
    // Behind an odd padding the even columns of x are the odd ones of the padded row.
    float* const even = to + g.pad_left % 2 * layout.phase_width + g.pad_left / 2;
    float* const odd = to + (g.pad_left + 1) % 2 * layout.phase_width + (g.pad_left + 1) / 2;
    split_pairs(row, count, even, odd);
  } else {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t column = i + g.pad_left;
      to[column % g.stride * layout.phase_width + column / g.stride] = row[i];
    }
  }
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
    pack_row(g, layout, x + row * g.width, to);
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
  to += layout.margin_top * layout.row_stride + layout.margin_left;
  for (int64_t i = 0; i < g.out_height(); ++i)
    copy_floats(dy + i * width, width, to + i * layout.row_stride);
}

void merge_phases(const float* phases, int64_t phase_width, int64_t stride, int64_t skip,
                  int64_t width, float* to) {
  if (stride == 1) return copy_floats(phases + skip, width, to);
  if (stride == 2) {
    const float* const odd = phases + phase_width;
    if (skip == 0) return join_pairs(phases, odd, width, to);
    return join_pairs(odd, phases + 1, width, to);
  }
  for (int64_t i = 0; i < width; ++i) {
    to[i] = phases[(i + skip) % stride * phase_width + (i + skip) / stride];
  }
}

}  // namespace secateur
