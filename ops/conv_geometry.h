#pragma once
// The extents of one convolution on one sample: x [channels, height, width],
// w [filters, channels / groups, kernel_h, kernel_w] -> y [filters, out_height(), out_width()].

#include <cstdint>

namespace secateur {

struct ConvGeometry {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t filters = 0;
  int64_t kernel_h = 0;
  int64_t kernel_w = 0;
  int64_t stride = 1;
  int64_t pad_top = 0;
  int64_t pad_left = 0;
  int64_t pad_bottom = 0;
  int64_t pad_right = 0;
  int64_t groups = 1;

  int64_t padded_height() const { return height + pad_top + pad_bottom; }
  int64_t padded_width() const { return width + pad_left + pad_right; }
  int64_t out_height() const { return (padded_height() - kernel_h) / stride + 1; }
  int64_t out_width() const { return (padded_width() - kernel_w) / stride + 1; }

  int64_t x_numel() const { return channels * height * width; }
  int64_t y_numel() const { return filters * out_height() * out_width(); }
  int64_t taps() const { return channels / groups * kernel_h * kernel_w; }
  int64_t w_numel() const { return filters * taps(); }
  bool depthwise() const { return groups == channels && groups == filters; }
};

}  // namespace secateur
