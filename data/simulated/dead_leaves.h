#pragma once
// The dead-leaves model: opaque leaves of all sizes fall on each other. Their radii have density
// proportional to r^-3 between 2 px and half the image, which makes the picture scale invariant, as
// photographs are (Lee, Mumford and Huang, International Journal of Computer Vision 41, 2001).

#include "data/simulated/canvas.h"
#include "data/simulated/palette.h"

namespace secateur::simulated {

inline constexpr double kSmallestLeaf = 2.0;  // radius in pixels

double draw_radius(Rng& rng, int size);  // in [2, size / 2], density ~ r^-3

// Covers the open part of the canvas. Painting front to back samples the same law as leaves falling
// for ever (Kendall and Thonnes, Pattern Recognition 32, 1999).
void paint_dead_leaves(Rng& rng, const Palette& palette, Canvas& canvas);

}  // namespace secateur::simulated
