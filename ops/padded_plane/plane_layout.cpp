#include "ops/padded_plane/plane_layout.h"

#include <algorithm>

#include "ops/vector/simd.h"

namespace secateur {

PlaneLayout::PlaneLayout(const ConvGeometry& geometry)
    : g(geometry), blocks((g.out_width() + kLanes - 1) / kLanes) {
  // Kernels read whole vectors, also where fewer outputs are wanted.
  const int64_t read = blocks * kLanes + (g.kernel_w - 1) / g.stride;
  const int64_t padded = (g.padded_width() + g.stride - 1) / g.stride;
  phase_width = round_up(std::max(read, padded), kLanes);
  row_stride = g.stride * phase_width;
  for (int64_t col = 0; col < g.padded_width(); ++col) {
    const bool pixel = col >= g.pad_left && col < g.pad_left + used_columns();
    if (!pixel) margin_.push_back(column(col));
  }
}

int64_t PlaneLayout::used_rows() const {
  return std::min(g.height, rows_under(g.out_height()) - g.pad_top);
}

int64_t PlaneLayout::used_columns() const {
  return std::min(g.width, (g.out_width() - 1) * g.stride + g.kernel_w - g.pad_left);
}

void PlaneLayout::pack(const float* channel, int64_t first, int64_t end, float* to) const {
  const int64_t rows = used_rows();
  const int64_t columns = used_columns();
  for (int64_t row = first - g.pad_top; row < end - g.pad_top; ++row, to += row_stride) {
    if (row < 0 || row >= rows) {
      std::fill_n(to, row_stride, 0.0f);
    } else {
      split_phases(channel + row * g.width, columns, g.pad_left, g.stride, phase_width, to);
    }
  }
}

void PlaneLayout::clear_margins(int64_t first, int64_t end, float* to) const {
  const int64_t rows = used_rows();
  for (int64_t row = first - g.pad_top; row < end - g.pad_top; ++row, to += row_stride) {
    if (row < 0 || row >= rows) {
      std::fill_n(to, row_stride, 0.0f);
    } else {
      for (const int64_t col : margin_) to[col] = 0.0f;
    }
  }
}

}  // namespace secateur
