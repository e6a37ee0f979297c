#include "report/cards/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/image_writer.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr int kPhotographQuality = 80;

// The mean over channels, and what each channel has besides.
struct KernelPixel {
  double grey = 0;
  std::array<double, 3> colour = {};
};

KernelPixel kernel_pixel(const float* kernel, int64_t pixels, int64_t at) {
  KernelPixel pixel;
  for (int64_t c = 0; c < 3; ++c) pixel.grey += static_cast<double>(kernel[c * pixels + at]) / 3;
  for (size_t c = 0; c < 3; ++c) {
    pixel.colour[c] = kernel[static_cast<int64_t>(c) * pixels + at] - pixel.grey;
  }
  return pixel;
}

uint8_t level_of(double weight, double most) {
  const double level = most > 0 ? std::round(128 + 127 * weight / most) : 128;
  return static_cast<uint8_t>(std::clamp(level, 0.0, 255.0));
}

std::string svg_png(const Image8& image, double x, double y, double side) {
  return fmt::format(
      "<image x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" "
      "style=\"image-rendering:pixelated\" href=\"{}\"/>",
      x, y, side, side, png_uri(encode_png(image)));
}

}  // namespace

std::string svg_photograph(const Image8& picture, double x, double y, double side,
                           const std::string& title) {
  return fmt::format(
      "<image x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" href=\"{}\"><title>{}"
      "</title></image>\n",
      x, y, side, side, jpeg_uri(encode_jpeg(picture, kPhotographQuality)), escaped(title));
}

void widen(KernelScale& scale, const float* kernel, int64_t pixels) {
  for (int64_t at = 0; at < pixels; ++at) {
    const KernelPixel pixel = kernel_pixel(kernel, pixels, at);
    scale.grey = std::max(scale.grey, std::abs(pixel.grey));
    for (const double part : pixel.colour) scale.colour = std::max(scale.colour, std::abs(part));
  }
}

std::string svg_kernel(const float* kernel, int64_t kernel_side, const KernelScale& scale, double x,
                       double y, double side) {
  const int64_t pixels = kernel_side * kernel_side;
  Image8 grey{
      .height = static_cast<int>(kernel_side), .width = static_cast<int>(kernel_side), .rgb = {}};
  Image8 colour = grey;
  for (int64_t at = 0; at < pixels; ++at) {
    const KernelPixel pixel = kernel_pixel(kernel, pixels, at);
    for (size_t c = 0; c < 3; ++c) {
      grey.rgb.push_back(level_of(pixel.grey, scale.grey));
      colour.rgb.push_back(level_of(pixel.colour[c], scale.colour));
    }
  }
  return svg_png(grey, x, y, side) + svg_png(colour, x + side, y, side) + "\n";
}

}  // namespace secateur
