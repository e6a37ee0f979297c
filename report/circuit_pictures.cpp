#include "report/circuit_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/image_writer.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr int kPatchQuality = 85;  // a third of the bytes of PNG
constexpr double kMidGrey = 128;
constexpr int64_t kLeastPixels = 80;  // of a picture's side: not every program leaves pixels sharp

uint8_t level_of(double value) {
  return static_cast<uint8_t>(
      std::clamp(std::lround(std::isfinite(value) ? value : kMidGrey), 0L, 255L));
}

// Each pixel of [channels, h, w] as a square, through `scaled`.
template <class Scaled>
Image8 enlarged(const Tensor& values, int64_t channels, int64_t h, int64_t w, Scaled scaled) {
  const int64_t zoom = std::max<int64_t>(1, (kLeastPixels + w - 1) / w);
  Image8 image{.height = static_cast<int>(h * zoom), .width = static_cast<int>(w * zoom)};
  for (int64_t y = 0; y < h * zoom; ++y) {
    for (int64_t x = 0; x < w * zoom; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        const int64_t channel = std::min(c, channels - 1);
        image.rgb.push_back(
            level_of(scaled(double{values[(channel * h + y / zoom) * w + x / zoom]})));
      }
    }
  }
  return image;
}

std::string picture_svg(const std::string& uri, double x, double y, double side,
                        const std::string& title) {
  return fmt::format(
      "<image x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.0f}\" href=\"{}\"><title>{}"
      "</title></image>\n",
      x, y, side, side, uri, escaped(title));
}

}  // namespace

std::string circuit_image(const Tensor& pixels, double x, double y, double side,
                          const std::string& title) {
  const int64_t h = pixels.dim(pixels.rank() - 2), w = pixels.dim(pixels.rank() - 1);
  const Image8 image = enlarged(pixels, 3, h, w, [](double level) { return level; });
  return picture_svg(jpeg_uri(encode_jpeg(image, kPatchQuality)), x, y, side, title);
}

std::string circuit_weights(const Tensor& weights, double largest, double x, double y, double side,
                            const std::string& title) {
  const int64_t channels = weights.rank() == 3 ? weights.dim(0) : 1;
  const int64_t h = weights.dim(weights.rank() - 2), w = weights.dim(weights.rank() - 1);
  const double scale = largest > 0 ? 127 / largest : 0;
  const auto level = [&](double weight) { return kMidGrey + scale * weight; };
  const Image8 image = enlarged(weights, channels, h, w, level);
  return picture_svg(png_uri(encode_png(image)), x, y, side, title);
}

double largest_weight(const Tensor& weights) {
  double largest = 0;
  for (const float weight : std::as_const(weights).values()) {
    if (std::isfinite(weight)) largest = std::max(largest, std::abs(double{weight}));
  }
  return largest;
}

}  // namespace secateur
