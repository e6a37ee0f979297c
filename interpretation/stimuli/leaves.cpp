#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "data/simulated/dead_leaves.h"
#include "data/simulated/leaf.h"
#include "data/simulated/stimuli.h"
#include "interpretation/stimuli/draw.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/rng.h"

namespace secateur::stimuli {
namespace {

constexpr int64_t kSmallestPicture = 32;  // what data/simulated draws
constexpr int64_t kLargestPicture = 512;

// The side of a square picture that holds the ground.
int picture_side(const Ground& ground) {
  const int64_t side = std::max({ground.height, ground.width, kSmallestPicture});
  if (side > kLargestPicture) {
    fail(ErrorKind::kUsage, "stimuli", "wanted a ground of at most {} pixels, got {} x {}",
         kLargestPicture, ground.height, ground.width);
  }
  return static_cast<int>((side + 3) / 4 * 4);
}

std::vector<uint8_t> leaves_picture(const Leaves& leaves, int side) {
  Rng rng(leaves.seed, "interpretation/leaves", static_cast<uint64_t>(leaves.index));
  const simulated::Palette palette = simulated::draw_palette(rng);
  simulated::Canvas canvas(side);
  simulated::paint_dead_leaves(rng, palette, canvas);
  std::vector<uint8_t> rgb(static_cast<size_t>(side) * static_cast<size_t>(side) * 3);
  canvas.develop(0, 0, rgb.data());
  return rgb;
}

}  // namespace

void draw(const Ground& ground, const Leaves& leaves, float* image) {
  if (!(leaves.radius >= 1)) {
    fail(ErrorKind::kUsage, "stimuli", "wanted a radius of at least 1, got {}", leaves.radius);
  }
  const int side = picture_side(ground);
  const std::vector<uint8_t> picture = leaves_picture(leaves, side);
  const simulated::Leaf patch =
      simulated::disc(static_cast<float>(leaves.centre.x), static_cast<float>(leaves.centre.y),
                      static_cast<float>(leaves.radius));
  const int64_t plane = ground.height * ground.width;
  std::vector<float> share(static_cast<size_t>(plane));
  for (int64_t y = 0; y < ground.height; ++y) {
    simulated::cover_row(patch, 0, static_cast<int>(y), static_cast<int>(ground.width),
                         share.data() + y * ground.width);
  }
  const auto level = [&](int64_t y, int64_t x, size_t c) {
    return static_cast<double>(picture[static_cast<size_t>((y * side + x) * 3) + c]);
  };
  for (size_t c = 0; c < 3; ++c) {
    double sum = 0, weight = 0;
    for (int64_t i = 0; i < plane; ++i) {
      const double w = share[static_cast<size_t>(i)];
      sum += w * level(i / ground.width, i % ground.width, c);
      weight += w;
    }
    const double mean = weight > 0 ? sum / weight : 0;
    for (int64_t i = 0; i < plane; ++i) {
      const double moved = level(i / ground.width, i % ground.width, c) - mean;
      const double value = ground.colour[c] + share[static_cast<size_t>(i)] * moved;
      image[static_cast<int64_t>(c) * plane + i] =
          static_cast<float>(std::clamp(value, 0.0, 255.0));
    }
  }
}

Tensor simulated_pictures(const Ground& ground, uint64_t seed, int64_t count) {
  const int side = picture_side(ground);
  Tensor pixels(Shape{count, 3, ground.height, ground.width});
  float* const data = pixels.data();
  parallel_for(count, [&](int64_t n) {
    std::vector<uint8_t> rgb(static_cast<size_t>(side) * static_cast<size_t>(side) * 3);
    simulated::draw_stimulus(seed, n, side, rgb.data());
    float* to = data + n * 3 * ground.height * ground.width;
    for (int64_t c = 0; c < 3; ++c) {
      for (int64_t y = 0; y < ground.height; ++y) {
        for (int64_t x = 0; x < ground.width; ++x) {
          *to++ = static_cast<float>(rgb[static_cast<size_t>((y * side + x) * 3 + c)]);
        }
      }
    }
  });
  return pixels;
}

}  // namespace secateur::stimuli
