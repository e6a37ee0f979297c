#pragma once
// One opaque, textured patch of a stimulus. Everything in a stimulus is a leaf: the leaves proper,
// dots, bars, pieces of curves, parts of eyes.

#include <array>

#include "data/simulated/texture.h"

namespace secateur::simulated {

using Colour = std::array<float, 3>;  // R, G, B in pixel levels; may leave 0..255 until painted

// Where a leaf is: distances in pixels; (u, v) are coordinates about the centre, turned.
enum class Outline {
  kEllipse,  // half axes a along u, b along v
  kPolygon,  // the points p with normal[i] . p <= offset[i] for all sides, |p| <= reach
  kArc,      // | |p| - a | <= b and u >= cut: a piece of a ring
  kAlmond,   // half width a along u, half height b along v: two discs' intersection
};

struct Leaf {
  static constexpr int kMaxSides = 6;

  Outline outline = Outline::kEllipse;
  float x = 0, y = 0;      // centre; pixel (i, j) covers x in [i - 0.5, i + 0.5]
  float a = 1, b = 1;      // see Outline
  float cut = -1e9f;       // kArc only
  float cos = 1, sin = 0;  // direction of u
  int sides = 0;           // kPolygon only
  std::array<float, kMaxSides> normal_u{}, normal_v{}, offset{};
  float reach = 1;     // every point lies within this distance of the centre
  float softness = 1;  // width of the edge ramp in pixels; 1 is plain anti-aliasing

  Colour colour{};
  Texture texture;
  Colour tint = {1, 1, 1};         // how much of the texture each channel shows
  float shade_x = 0, shade_y = 0;  // brightness gradient about the centre, levels per pixel
};

Leaf ellipse(float x, float y, float a, float b, float turns);
Leaf disc(float x, float y, float radius);
Leaf rectangle(float x, float y, float half_length, float half_width, float turns);
// A ring of mean radius `radius` and half thickness `half`, the points with u >= cut.
Leaf arc(float x, float y, float radius, float half, float cut, float turns);
Leaf almond(float x, float y, float half_width, float half_height, float turns);
// A convex polygon from outward directions (in turns) and distances of its sides, both of length
// `sides`; what lies beyond `reach` is cut off.
Leaf polygon(float x, float y, int sides, const float* directions, const float* distances,
             float reach);

// Covered share of the pixels (x0 + i, y), i in [0, count), each in [0, 1].
void cover_row(const Leaf& leaf, int x0, int y, int count, float* alpha);

}  // namespace secateur::simulated
