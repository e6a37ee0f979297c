#pragma once
// One channel of one sample in rows that a kernel reads without bounds or gaps: zeros around it,
// and the columns of a row sorted into phases (phases.h). Rows and columns that no window reads
// count as zeros too.

#include <vector>

#include "ops/conv_geometry.h"
#include "ops/padded_plane/phases.h"

namespace secateur {

// Offsets and extents are in floats, from row 0 of the padded plane.
struct PlaneLayout {
  PlaneLayout() = default;
  explicit PlaneLayout(const ConvGeometry& g);

  int64_t rows() const { return g.padded_height(); }
  int64_t numel() const { return rows() * row_stride; }
  // Rows under the windows of `out_rows` rows of outputs.
  int64_t rows_under(int64_t out_rows) const { return (out_rows - 1) * g.stride + g.kernel_h; }
  // Rows and columns of the channel that some window reads, from its first on.
  int64_t used_rows() const;
  int64_t used_columns() const;

  // Of a pixel of the channel.
  int64_t place(int64_t row, int64_t col) const {
    return (row + g.pad_top) * row_stride + column(col + g.pad_left);
  }
  // From the window of output (0, 0) to that of another, and to a tap within it.
  int64_t output(int64_t row, int64_t col) const { return row * g.stride * row_stride + col; }
  int64_t tap(int64_t ky, int64_t kx) const { return ky * row_stride + column(kx); }

  // Rows [first, end) of the padded plane, the first of them at `to`; there may be more rows than
  // the plane has. The columns beside the pixels are not written: clear_margins() has done it, or
  // the array was cleared before its first plane.
  void pack(const float* channel, int64_t first, int64_t end, float* to) const;
  // The zeros of these rows.
  void clear_margins(int64_t first, int64_t end, float* to) const;

  ConvGeometry g;           // its channels, filters and groups have no part in this
  int64_t blocks = 0;       // of 16 outputs per row
  int64_t phase_width = 0;  // floats per phase: a multiple of 16
  int64_t row_stride = 0;   // floats per padded row

 private:
  int64_t column(int64_t padded) const { return place_in_phases(padded, g.stride, phase_width); }

  std::vector<int64_t> margin_;  // columns of zeros within a row of pixels
};

}  // namespace secateur
