#pragma once
// What a leaf looks like inside: 1/f noise, oriented noise or a grating, as rows of values with
// mean about 0 and variance about 1, multiplied by the amplitude.

#include <cstdint>

#include "tensor/rng.h"

namespace secateur::simulated {

enum class TextureKind { kPlain, kNoise, kOrientedNoise, kGrating };

// Place (x, y) of the image is read at (u0 + ux x + uy y, v0 + vx x + vy y): in table pixels for
// noise; for a grating only u counts, in cycles.
struct Texture {
  TextureKind kind = TextureKind::kPlain;
  float amplitude = 0;  // in pixel levels, 0..255
  float u0 = 0, ux = 0, uy = 0;
  float v0 = 0, vx = 0, vy = 0;
};

// Adds the texture to out[i] for the pixels (x0 + i, y), i in [0, count).
void add_texture_row(const Texture& texture, int x0, int y, int count, float* out);

// A random texture; gratings have a wavelength in [shortest, longest] pixels.
Texture draw_texture(Rng& rng, double amplitude, double shortest, double longest);
Texture draw_grating(Rng& rng, double amplitude, double shortest, double longest);

}  // namespace secateur::simulated
