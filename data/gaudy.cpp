#include "data/gaudy.h"

#include <array>
#include <utility>

#include "tensor/error.h"

namespace secateur {
namespace {

class GaudyImages final : public ImageSource {
 public:
  GaudyImages(ImageSourcePtr images, GaudyMean mean) : images_(std::move(images)), mean_(mean) {}

  int64_t count() const override { return images_->count(); }
  int height() const override { return images_->height(); }
  int width() const override { return images_->width(); }
  std::string name(int64_t index) const override { return images_->name(index); }
  std::string identity() const override {
    return (mean_ == GaudyMean::kImage ? "gaudy:" : "gaudy by channel:") + images_->identity();
  }

 protected:
  void decode(int64_t index, std::span<uint8_t> rgb_hwc) const override {
    images_->read(index, rgb_hwc);
    make_gaudy(rgb_hwc, mean_);
  }

 private:
  ImageSourcePtr images_;
  GaudyMean mean_;
};

}  // namespace

void make_gaudy(std::span<uint8_t> rgb, GaudyMean mean) {
  require(!rgb.empty() && rgb.size() % 3 == 0, "gaudy", "wanted pixels of 3 bytes, got {} bytes",
          rgb.size());
  std::array<uint64_t, 3> sums{};
  for (size_t i = 0; i < rgb.size(); ++i) sums[i % 3] += rgb[i];
  uint64_t values = rgb.size() / 3;
  if (mean == GaudyMean::kImage) {
    sums.fill(sums[0] + sums[1] + sums[2]);
    values *= 3;
  }
  // value < sum / values, in whole numbers: no rounding decides about a pixel.
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = rgb[i] * values < sums[i % 3] ? 0 : 255;
}

ImageSourcePtr gaudy_images(ImageSourcePtr images, GaudyMean mean) {
  return std::make_shared<GaudyImages>(std::move(images), mean);
}

}  // namespace secateur
