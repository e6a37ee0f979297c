#include "ops/dense_depthwise/row_layout.h"

#include <algorithm>
#include <cstring>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

void clear(float* to, int64_t count) { std::memset(to, 0, static_cast<size_t>(count) * 4); }

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

RowLayout::RowLayout(int64_t h, int64_t w, int64_t kh, int64_t kw, const Window& around)
    : height(h), width(w), kernel_h(kh), kernel_w(kw), window(around) {
  const int64_t padded_height = h + around.top + around.bottom;
  const int64_t padded_width = w + around.left + around.right;
  const int64_t stride = around.stride;
  out_height = (padded_height - kh) / stride + 1;
  out_width = (padded_width - kw) / stride + 1;
  // Kernels read whole vectors, also where fewer outputs are wanted.
  const int64_t read = ceil_div(out_width, kLanes) * kLanes + (kw - 1) / stride;
  phase_width = ceil_div(std::max(ceil_div(padded_width, stride), read), kLanes) * kLanes;
  row_stride = stride * phase_width;
  rows = padded_height;
  numel = rows * row_stride;
  for (int64_t col = 0; col < around.left; ++col) margin.push_back(column(col));
  for (int64_t col = around.left + w; col < padded_width; ++col) margin.push_back(column(col));
}

void RowLayout::clear_margins(float* to, int64_t first, int64_t end) const {
  to += first * row_stride;
  for (int64_t row = first; row < end; ++row, to += row_stride) {
    if (row < window.top || row >= window.top + height) {
      clear(to, row_stride);
      continue;
    }
    for (const int64_t col : margin) to[col] = 0.0f;
  }
}

void RowLayout::pack(const float* channel, float* to, int64_t first, int64_t end) const {
  first = std::max<int64_t>(0, first - window.top);
  end = std::min(height, end - window.top);
  channel += first * width;
  for (int64_t row = first; row < end; ++row, channel += width) {
    if (window.stride == 1) {
      std::memcpy(to + place(row, 0), channel, static_cast<size_t>(width) * 4);
      continue;
    }
    for (int64_t col = 0; col < width; ++col) to[place(row, col)] = channel[col];
  }
}

}  // namespace secateur
