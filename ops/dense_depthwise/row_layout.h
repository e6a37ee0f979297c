#pragma once
// One channel in rows that a kernel reads without bounds or gaps: zeros around it, and the columns
// of a row sorted into `stride` phases (columns 0, s, 2s, ... then 1, s + 1, ...), so that 16
// neighbouring outputs always read 16 neighbouring floats.

#include <vector>

#include "ops/dense_depthwise/dense_depthwise.h"

namespace secateur {

struct RowLayout {
  RowLayout() = default;
  RowLayout(int64_t h, int64_t w, int64_t kh, int64_t kw, const Window& around);

  int64_t column(int64_t padded) const {
    return padded % window.stride * phase_width + padded / window.stride;
  }
  // Of a pixel of the channel.
  int64_t place(int64_t row, int64_t col) const {
    return (row + window.top) * row_stride + column(col + window.left);
  }
  // From the window of output (0, 0) to that of another, and to a tap within it.
  int64_t output(int64_t row, int64_t col) const { return row * window.stride * row_stride + col; }
  int64_t tap(int64_t ky, int64_t kx) const { return ky * row_stride + column(kx); }

  // Of rows [first, end) of a channel's padded plane: the zeros, and all the rest.
  void clear_margins(float* to, int64_t first, int64_t end) const;
  void pack(const float* channel, float* to, int64_t first, int64_t end) const;

  int64_t height = 0, width = 0;
  int64_t kernel_h = 1, kernel_w = 1;
  Window window;
  int64_t out_height = 0, out_width = 0;
  int64_t phase_width = 0;
  int64_t row_stride = 0;
  int64_t rows = 0;
  int64_t numel = 0;
  std::vector<int64_t> margin;  // columns of zeros within a row of pixels
};

}  // namespace secateur
