#include "interpretation/stimuli/stimulus.h"

#include <algorithm>

#include "interpretation/stimuli/draw.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::stimuli {
namespace {

void draw(const Ground&, const Blank&, float*) {}

}  // namespace

Tensor render(const Ground& ground, std::span<const Stimulus> stimuli) {
  const auto count = static_cast<int64_t>(stimuli.size());
  Tensor pixels(Shape{count, 3, ground.height, ground.width});
  const int64_t plane = ground.height * ground.width;
  float* const data = pixels.data();
  parallel_for(count, [&](int64_t i) {
    float* const image = data + i * 3 * plane;
    for (int64_t c = 0; c < 3; ++c) {
      std::fill_n(image + c * plane, plane, ground.colour[static_cast<size_t>(c)]);
    }
    std::visit([&](const auto& stimulus) { draw(ground, stimulus, image); },
               stimuli[static_cast<size_t>(i)]);
  });
  return pixels;
}

}  // namespace secateur::stimuli
