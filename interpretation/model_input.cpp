#include "interpretation/model_input.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"

namespace secateur {

void check_pixels(const Tensor& pixels, const InputSpec& in) {
  require(pixels.rank() == 4 && pixels.dim(1) == in.channels && pixels.dim(2) == in.height &&
              pixels.dim(3) == in.width,
          "interpret", "wanted pixels [n, {}, {}, {}], got {}", in.channels, in.height, in.width,
          pixels.shape());
  require(pixels.all_finite(), "interpret", "an image holds a number that is not finite");
}

namespace {

template <class T>
void check_finite(std::span<const T> responses) {
  require(
      std::all_of(responses.begin(), responses.end(), [](T value) { return std::isfinite(value); }),
      "interpret",
      "the model gives a response, or a map or gradient of one, that is not a finite number");
}

}  // namespace

void check_responses(std::span<const double> responses) { check_finite(responses); }
void check_responses(std::span<const float> responses) { check_finite(responses); }

Tensor without_mean(const Tensor& pixels, const InputSpec& in) {
  Tensor images(pixels.shape());
  const int64_t plane = in.height * in.width;
  for (int64_t first = 0; first < pixels.numel(); first += plane) {
    const float mean = in.mean[static_cast<size_t>(first / plane % in.channels)];
    const float* const from = pixels.data() + first;
    std::transform(from, from + plane, images.data() + first, [mean](float v) { return v - mean; });
  }
  return images;
}

}  // namespace secateur
