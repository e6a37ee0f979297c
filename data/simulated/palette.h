#pragma once
// The colours of one stimulus: between-image differences of brightness, contrast and saturation,
// and within an image the strong correlation of R, G and B that photographs have. The mean over
// images is kChannelMean.

#include "data/augmentation.h"
#include "data/simulated/leaf.h"

namespace secateur::simulated {

struct Palette {
  Colour base;       // mean colour of this image
  float contrast;    // half range of brightness, in levels
  float saturation;  // spread along the two colour axes, in levels
  float texture;     // amplitude of textures, in levels
};

Palette draw_palette(Rng& rng);
Colour draw_colour(Rng& rng, const Palette& palette);
// `base` moved by `brightness` along grey, `warm` along red-blue and `ruddy` along red-green.
Colour shifted(const Colour& base, float brightness, float warm, float ruddy);

}  // namespace secateur::simulated
