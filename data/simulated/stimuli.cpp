#include "data/simulated/stimuli.h"

#include "data/simulated/dead_leaves.h"
#include "data/simulated/exact_draws.h"
#include "data/simulated/shapes.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

constexpr double kShareWithShapes = 1.0 / 3.0;
constexpr double kMostShading = 0.35;  // change of brightness from side to side

}  // namespace

void require_stimulus_size(int size) {
  require(size >= 32 && size <= 512 && size % 4 == 0, "stimuli",
          "wanted an image size from 32 to 512 divisible by 4, got {}", size);
}

void draw_stimulus(uint64_t seed, int64_t index, int size, uint8_t* rgb_hwc) {
  require_stimulus_size(size);
  Rng rng(seed, "simulation/stimulus", static_cast<uint64_t>(index));
  const Palette palette = draw_palette(rng);
  const float slope = uniform(rng, 0, kMostShading) / static_cast<float>(size);
  const float downhill = uniform(rng, 0, 1);
  Canvas canvas(size);
  if (rng.uniform() < kShareWithShapes) paint_shapes(rng, palette, canvas);
  paint_dead_leaves(rng, palette, canvas);
  canvas.develop(slope * cos_turns(downhill), slope * sin_turns(downhill), rgb_hwc);
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
