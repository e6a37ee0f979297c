#pragma once
// The extents of one convolution on one sample: x [channels, height, width],
// w [filters, channels / groups, kernel_h, kernel_w] -> y [filters, out_height(), out_width()].

#include <cstdint>

namespace secateur {

struct ConvGeometry {
  int channels = 0;
  int height = 0;
  int width = 0;
  int filters = 0;
  int kernel_h = 0;
  int kernel_w = 0;
  int stride = 1;
  int pad_top = 0;
  int pad_left = 0;
  int pad_bottom = 0;
  int pad_right = 0;
  int groups = 1;

  int padded_height() const { return height + pad_top + pad_bottom; }
  int padded_width() const { return width + pad_left + pad_right; }
  int out_height() const { return (padded_height() - kernel_h) / stride + 1; }
  int out_width() const { return (padded_width() - kernel_w) / stride + 1; }

  int64_t x_numel() const { return int64_t{channels} * height * width; }
  int64_t y_numel() const { return int64_t{filters} * out_height() * out_width(); }
  int64_t taps() const { return int64_t{channels / groups} * kernel_h * kernel_w; }
  int64_t w_numel() const { return filters * taps(); }
  bool depthwise() const { return groups == channels && groups == filters; }
};

}  // namespace secateur
