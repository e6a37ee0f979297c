#include "data/simulated/stimuli.h"

#include <algorithm>

#include "data/simulated/dead_leaves.h"
#include "data/simulated/exact_draws.h"
#include "data/simulated/shapes.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

constexpr double kShareWithShapes = 1.0 / 3.0;

struct Light {
  float level, slope_x, slope_y;
};

// Shading over the whole image: up to 35 % from side to side.
Light draw_light(Rng& rng, int size) {
  const float strength = uniform(rng, 0, 0.35) / static_cast<float>(size);
  const float direction = uniform(rng, 0, 1);
  return {1.0f, strength * cos_turns(direction), strength * sin_turns(direction)};
}

void expose(const Canvas& canvas, const Light& light, uint8_t* rgb) {
  const int size = canvas.size();
  const float middle = 0.5f * static_cast<float>(size - 1);
  for (int c = 0; c < 3; ++c) {
    const float* in = canvas.channel(c);
    for (int y = 0; y < size; ++y) {
      const float row = light.level + light.slope_y * (static_cast<float>(y) - middle);
      for (int x = 0; x < size; ++x) {
        const float lit = row + light.slope_x * (static_cast<float>(x) - middle);
        const float level = std::clamp(in[y * size + x] * lit, 0.0f, 255.0f);
        rgb[(y * size + x) * 3 + c] = static_cast<uint8_t>(level + 0.5f);
      }
    }
  }
}

}  // namespace

void require_stimulus_size(int size) {
  require(size >= 32 && size <= 512 && size % 4 == 0, "stimuli",
          "wanted an image size from 32 to 512 divisible by 4, got {}", size);
}

void draw_stimulus(uint64_t seed, int64_t index, int size, uint8_t* rgb_hwc) {
  require_stimulus_size(size);
  Rng rng(seed, "simulation/stimulus", static_cast<uint64_t>(index));
  const Palette palette = draw_palette(rng);
  const Light light = draw_light(rng, size);
  Canvas canvas(size);
  if (rng.uniform() < kShareWithShapes) paint_shapes(rng, palette, canvas);
  paint_dead_leaves(rng, palette, canvas);
  expose(canvas, light, rgb_hwc);
}

std::vector<uint8_t> draw_stimuli(uint64_t seed, int64_t first, int64_t count, int size) {
  require_stimulus_size(size);
  require(count >= 0, "stimuli", "wanted at least 0 images, got {}", count);
  const int64_t bytes = int64_t{3} * size * size;
  std::vector<uint8_t> images(static_cast<size_t>(count * bytes));
  parallel_for(count,
               [&](int64_t i) { draw_stimulus(seed, first + i, size, images.data() + i * bytes); });
  return images;
}

}  // namespace secateur::simulated
