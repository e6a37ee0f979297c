// The ground of a model, and what is darker or lighter than it.

#include <algorithm>

#include "interpretation/stimuli/stimulus.h"
#include "tensor/error.h"

namespace secateur::stimuli {

Ground ground_of(const InputSpec& input) {
  require(input.channels == 3, "stimuli", "wanted a model of images with 3 channels, got {}",
          input.channels);
  return {input.height, input.width, input.mean};
}

Rgb polar_colour(const Ground& ground, Polarity polarity, double contrast) {
  if (!(contrast >= 0 && contrast <= 1)) {
    fail(ErrorKind::kUsage, "stimuli", "wanted a contrast from 0 to 1, got {}", contrast);
  }
  const auto factor = static_cast<float>(polarity == Polarity::kDark ? 1 - contrast : 1 + contrast);
  Rgb colour{};
  for (size_t c = 0; c < 3; ++c) colour[c] = std::clamp(factor * ground.colour[c], 0.0f, 255.0f);
  return colour;
}

}  // namespace secateur::stimuli
