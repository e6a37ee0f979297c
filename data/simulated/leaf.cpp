#include "data/simulated/leaf.h"

#include <algorithm>
#include <cmath>

#include "data/simulated/exact_draws.h"

namespace secateur::simulated {
namespace {

// Turns a signed distance (negative inside) into coverage, pixel by pixel.
template <class Distance>
void cover(const Leaf& leaf, int x0, int y, int count, float* alpha, Distance distance) {
  const float dy = static_cast<float>(y) - leaf.y;
  const float steep = 1.0f / leaf.softness;
  for (int i = 0; i < count; ++i) {
    const float dx = static_cast<float>(x0 + i) - leaf.x;
    const float u = leaf.cos * dx + leaf.sin * dy;
    const float v = leaf.cos * dy - leaf.sin * dx;
    const float level = 0.5f - distance(u, v) * steep;
    alpha[i] = std::min(1.0f, std::max(0.0f, level));
  }
}

void cover_ellipse(const Leaf& leaf, int x0, int y, int count, float* alpha) {
  // First-order distance to an implicit curve: value over length of its gradient.
  const float ia = 1.0f / leaf.a, ib = 1.0f / leaf.b;
  const float least = std::min(leaf.a, leaf.b);
  cover(leaf, x0, y, count, alpha, [=](float u, float v) {
    const float p = u * ia, q = v * ib;
    const float k0 = std::sqrt(p * p + q * q);
    const float k1 = std::sqrt(p * ia * (p * ia) + q * ib * (q * ib));
    const float distance = k0 * (k0 - 1.0f) / std::max(k1, 1e-6f);
    return k0 < 0.1f ? -0.9f * least : distance;
  });
}

void cover_polygon(const Leaf& leaf, int x0, int y, int count, float* alpha) {
  cover(leaf, x0, y, count, alpha, [&leaf](float u, float v) {
    // Corners of thin triangles lie far out: the reach rounds them off.
    float distance = std::sqrt(u * u + v * v) - leaf.reach;
    for (int side = 0; side < leaf.sides; ++side) {
      const size_t s = static_cast<size_t>(side);
      distance = std::max(distance, leaf.normal_u[s] * u + leaf.normal_v[s] * v - leaf.offset[s]);
    }
    return distance;
  });
}

void cover_arc(const Leaf& leaf, int x0, int y, int count, float* alpha) {
  cover(leaf, x0, y, count, alpha, [&leaf](float u, float v) {
    const float ring = std::fabs(std::sqrt(u * u + v * v) - leaf.a) - leaf.b;
    return std::max(ring, leaf.cut - u);
  });
}

void cover_almond(const Leaf& leaf, int x0, int y, int count, float* alpha) {
  const float radius = (leaf.a * leaf.a + leaf.b * leaf.b) / (2.0f * leaf.b);
  const float lift = radius - leaf.b;
  cover(leaf, x0, y, count, alpha, [=](float u, float v) {
    const float w = std::fabs(v) + lift;  // distance to the farther of the two centres decides
    return std::sqrt(u * u + w * w) - radius;
  });
}

Leaf placed(Outline outline, float x, float y, float turns) {
  Leaf leaf;
  leaf.outline = outline;
  leaf.x = x;
  leaf.y = y;
  leaf.cos = cos_turns(turns);
  leaf.sin = sin_turns(turns);
  return leaf;
}

}  // namespace

void cover_row(const Leaf& leaf, int x0, int y, int count, float* alpha) {
  switch (leaf.outline) {
    case Outline::kEllipse:
      return cover_ellipse(leaf, x0, y, count, alpha);
    case Outline::kPolygon:
      return cover_polygon(leaf, x0, y, count, alpha);
    case Outline::kArc:
      return cover_arc(leaf, x0, y, count, alpha);
    case Outline::kAlmond:
      return cover_almond(leaf, x0, y, count, alpha);
  }
}

Leaf ellipse(float x, float y, float a, float b, float turns) {
  Leaf leaf = placed(Outline::kEllipse, x, y, turns);
  leaf.a = a;
  leaf.b = b;
  leaf.reach = std::max(a, b);
  return leaf;
}

Leaf disc(float x, float y, float radius) { return ellipse(x, y, radius, radius, 0); }

Leaf rectangle(float x, float y, float half_length, float half_width, float turns) {
  const float directions[] = {0, 0.25f, 0.5f, 0.75f};
  const float distances[] = {half_length, half_width, half_length, half_width};
  const float reach = std::sqrt(half_length * half_length + half_width * half_width) + 1;
  Leaf leaf = polygon(x, y, 4, directions, distances, reach);
  leaf.cos = cos_turns(turns);
  leaf.sin = sin_turns(turns);
  return leaf;
}

Leaf arc(float x, float y, float radius, float half, float cut, float turns) {
  Leaf leaf = placed(Outline::kArc, x, y, turns);
  leaf.a = radius;
  leaf.b = half;
  leaf.cut = cut;
  leaf.reach = radius + half;
  return leaf;
}

Leaf almond(float x, float y, float half_width, float half_height, float turns) {
  Leaf leaf = placed(Outline::kAlmond, x, y, turns);
  leaf.a = half_width;
  leaf.b = half_height;
  leaf.reach = std::max(half_width, half_height);
  return leaf;
}

Leaf polygon(float x, float y, int sides, const float* directions, const float* distances,
             float reach) {
  Leaf leaf = placed(Outline::kPolygon, x, y, 0);
  leaf.sides = std::min(sides, Leaf::kMaxSides);
  for (int side = 0; side < leaf.sides; ++side) {
    const size_t s = static_cast<size_t>(side);
    leaf.normal_u[s] = cos_turns(directions[side]);
    leaf.normal_v[s] = sin_turns(directions[side]);
    leaf.offset[s] = distances[side];
  }
  leaf.reach = reach;
  return leaf;
}

}  // namespace secateur::simulated
