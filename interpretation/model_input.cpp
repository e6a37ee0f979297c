#include "interpretation/model_input.h"

#include "tensor/error.h"

namespace secateur {

void check_pixels(const Tensor& pixels, const InputSpec& in) {
  require(pixels.rank() == 4 && pixels.dim(1) == in.channels && pixels.dim(2) == in.height &&
              pixels.dim(3) == in.width,
          "interpret", "wanted pixels [n, {}, {}, {}], got {}", in.channels, in.height, in.width,
          pixels.shape());
  require(pixels.all_finite(), "interpret", "an image holds a number that is not finite");
}

Tensor without_mean(const Tensor& pixels, const InputSpec& in) {
  Tensor images(pixels.shape());
  const int64_t plane = in.height * in.width;
  for (int64_t i = 0; i < pixels.numel(); ++i) {
    images[i] = pixels[i] - in.mean[static_cast<size_t>(i / plane % in.channels)];
  }
  return images;
}

}  // namespace secateur
