#pragma once
// Simple shapes in front of the leaves: what V4 neurons are known to like, so that every simulated
// neuron meets its preferred stimulus often enough to be learnt.

#include "data/simulated/canvas.h"
#include "data/simulated/palette.h"

namespace secateur::simulated {

// Each paints one group of its kind at a random place, size and contrast.
void paint_dots(Rng& rng, const Palette& palette, Canvas& canvas);    // 1..10, radius 2..size/5
void paint_corner(Rng& rng, const Palette& palette, Canvas& canvas);  // filled wedge or two strokes
void paint_curves(Rng& rng, const Palette& palette, Canvas& canvas);  // arcs
void paint_bars(Rng& rng, const Palette& palette, Canvas& canvas);
void paint_grating_patch(Rng& rng, const Palette& palette, Canvas& canvas);
void paint_eye(Rng& rng, const Palette& palette, Canvas& canvas);  // dark disc in light almond
void paint_colour_blobs(Rng& rng, const Palette& palette, Canvas& canvas);

// One to three groups, on half of the images over a calm plate that sets them off.
void paint_shapes(Rng& rng, const Palette& palette, Canvas& canvas);

}  // namespace secateur::simulated
