#include <algorithm>
#include <cmath>
#include <numbers>

#include "interpretation/stimuli/draw.h"
#include "tensor/error.h"

namespace secateur::stimuli {

void draw(const Ground& ground, const Grating& grating, float* image) {
  if (!(grating.frequency > 0 && grating.contrast >= 0 && grating.contrast <= 1 &&
        grating.sigma >= 0)) {
    fail(ErrorKind::kUsage, "stimuli",
         "wanted a grating of a frequency above 0, a contrast from 0 to 1 and a sigma of at least "
         "0, got {}, {} and {}",
         grating.frequency, grating.contrast, grating.sigma);
  }
  constexpr double kRadian = std::numbers::pi / 180;
  const double along = (grating.orientation + 90) * kRadian;
  const double per_pixel =
      2 * std::numbers::pi * grating.frequency / static_cast<double>(ground.width);
  const double cx = std::cos(along), cy = std::sin(along);
  const int64_t plane = ground.height * ground.width;
  for (int64_t y = 0; y < ground.height; ++y) {
    const double dy = static_cast<double>(y) - grating.centre.y;
    for (int64_t x = 0; x < ground.width; ++x) {
      const double dx = static_cast<double>(x) - grating.centre.x;
      double wave =
          grating.contrast * std::cos(per_pixel * (cx * dx + cy * dy) - grating.phase * kRadian);
      if (grating.sigma > 0) {
        wave *= std::exp(-(dx * dx + dy * dy) / (2 * grating.sigma * grating.sigma));
      }
      for (size_t c = 0; c < 3; ++c) {
        const double level = ground.colour[c] * (1 + wave);
        image[static_cast<int64_t>(c) * plane + y * ground.width + x] =
            static_cast<float>(std::clamp(level, 0.0, 255.0));
      }
    }
  }
}

}  // namespace secateur::stimuli
