#include "data/simulated/dead_leaves.h"

#include <algorithm>
#include <cmath>

#include "data/simulated/exact_draws.h"

namespace secateur::simulated {
namespace {

constexpr float kLongest = 1.6f;       // a leaf reaches at most this many radii from its centre
constexpr double kOpenEnough = 0.004;  // share left to one last leaf behind all others
constexpr int kLeavesBetweenLooks = 16;

Leaf draw_polygon(Rng& rng, float x, float y, float radius) {
  const int sides = 3 + static_cast<int>(rng.below(4));
  float directions[Leaf::kMaxSides], distances[Leaf::kMaxSides];
  const float first = uniform(rng, 0, 1);
  for (int side = 0; side < sides; ++side) {
    const float jitter = uniform(rng, -0.2, 0.2);
    directions[side] = first + (static_cast<float>(side) + jitter) / static_cast<float>(sides);
    distances[side] = radius * uniform(rng, 0.6, 0.9);
  }
  return polygon(x, y, sides, directions, distances, kLongest * radius);
}

Leaf draw_outline(Rng& rng, float x, float y, float radius) {
  const double kind = rng.uniform();
  if (kind < 0.35) return disc(x, y, radius);
  if (kind < 0.70) {
    const float stretch = uniform(rng, 1.0, kLongest);  // area stays that of the disc
    return ellipse(x, y, radius * stretch, radius / stretch, uniform(rng, 0, 1));
  }
  return draw_polygon(rng, x, y, radius);
}

void draw_surface(Rng& rng, const Palette& palette, float radius, Leaf& leaf) {
  leaf.colour = draw_colour(rng, palette);
  if (radius > 3.0f) {  // on smaller leaves a texture has no room to show
    leaf.texture = draw_texture(rng, palette.texture * rng.uniform(0.3, 1.5), 3.0, 12.0);
    leaf.tint = {1.0f, uniform(rng, 0.85, 1.0), uniform(rng, 0.7, 1.0)};
  }
  const float slope = uniform(rng, -20, 20) / radius;
  const float direction = uniform(rng, 0, 1);
  leaf.shade_x = slope * cos_turns(direction);
  leaf.shade_y = slope * sin_turns(direction);
}

}  // namespace

double draw_radius(Rng& rng, int size) {
  // Inverse of the distribution function of r^-3 on [low, high].
  const double ratio = kSmallestLeaf / (0.5 * size);
  return kSmallestLeaf / std::sqrt(1.0 - rng.uniform() * (1.0 - ratio * ratio));
}

void paint_dead_leaves(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  // Centres fall as far out as the largest leaf reaches, so that edges of the image are like its
  // middle; leaves that miss the image cost three draws.
  const float margin = kLongest * size / 2 + 1;
  for (int leaf_count = 0;; ++leaf_count) {
    if (leaf_count % kLeavesBetweenLooks == 0 && canvas.open_share() < kOpenEnough) break;
    float radius, x, y, reach;
    do {
      radius = static_cast<float>(draw_radius(rng, canvas.size()));
      x = uniform(rng, -margin, size + margin);
      y = uniform(rng, -margin, size + margin);
      reach = kLongest * radius + 1;
    } while (x < -reach || y < -reach || x > size + reach || y > size + reach);
    Leaf leaf = draw_outline(rng, x, y, radius);
    draw_surface(rng, palette, radius, leaf);
    canvas.paint(leaf);
  }
  const Colour behind = draw_colour(rng, palette);
  canvas.finish(behind, draw_texture(rng, palette.texture, 3.0, 12.0), {1, 1, 1});
}

}  // namespace secateur::simulated
