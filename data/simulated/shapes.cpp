#include "data/simulated/shapes.h"

#include <cmath>

#include "data/simulated/exact_draws.h"

namespace secateur::simulated {
namespace {

using Painter = void (*)(Rng&, const Palette&, Canvas&);

struct Place {
  float x, y;
};

Place draw_place(Rng& rng, int size) {
  return {uniform(rng, 0.1 * size, 0.9 * size), uniform(rng, 0.1 * size, 0.9 * size)};
}

// Dark or light against the image, with some colour.
Colour draw_marked_colour(Rng& rng, const Palette& palette) {
  const float strength = uniform(rng, 45, 120);
  const float sign = rng.uniform() < 0.5 ? -1.0f : 1.0f;
  const float warm = palette.saturation * static_cast<float>(bell(rng));
  const float ruddy = 0.6f * palette.saturation * static_cast<float>(bell(rng));
  return shifted(palette.base, sign * strength, warm, ruddy);
}

Leaf coloured(Leaf leaf, const Colour& colour) {
  leaf.colour = colour;
  return leaf;
}

void paint_plate(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Place place = draw_place(rng, canvas.size());
  Leaf plate = disc(place.x, place.y, size * uniform(rng, 0.35, 0.9));
  const float brightness = uniform(rng, -40, 40);
  const float warm = 0.5f * palette.saturation * static_cast<float>(bell(rng));
  plate.colour = shifted(palette.base, brightness, warm, 0);
  plate.texture = draw_texture(rng, uniform(rng, 2, 10), 4.0, 12.0);
  canvas.paint(plate);
}

}  // namespace

void paint_dots(Rng& rng, const Palette& palette, Canvas& canvas) {
  const int size = canvas.size();
  const int number = 1 + static_cast<int>(rng.below(10));
  const Colour colour = draw_marked_colour(rng, palette);
  // Density ~ 1/r^2: as many small dots as large ones have room for.
  const double ratio = 2.0 / (0.2 * size);
  const float radius = static_cast<float>(2.0 / (1.0 - rng.uniform() * (1.0 - ratio)));
  for (int dot = 0; dot < number; ++dot) {
    const Place place = draw_place(rng, size);
    canvas.paint(coloured(disc(place.x, place.y, radius * uniform(rng, 0.85, 1.15)), colour));
  }
}

void paint_corner(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Place place = draw_place(rng, canvas.size());
  const Colour colour = draw_marked_colour(rng, palette);
  const float turns = uniform(rng, 0, 1), opening = uniform(rng, 0.15, 0.35);
  const float length = size * uniform(rng, 0.15, 0.4);
  if (rng.uniform() < 0.5) {  // filled: two sides meet at the tip, a third closes the wedge
    const float tip = 0.5f * length;
    const float half = sin_turns(0.5f * opening);
    const float directions[] = {turns + 0.25f + 0.5f * opening, turns - 0.25f - 0.5f * opening,
                                turns};
    const float distances[] = {tip * half, tip * half, tip};
    canvas.paint(coloured(polygon(place.x, place.y, 3, directions, distances, 2 * length), colour));
    return;
  }
  const float half_width = uniform(rng, 0.8, 2.5);
  for (float arm : {turns, turns + opening}) {
    const float x = place.x + 0.5f * length * cos_turns(arm);
    const float y = place.y + 0.5f * length * sin_turns(arm);
    canvas.paint(coloured(rectangle(x, y, 0.5f * length + half_width, half_width, arm), colour));
  }
}

void paint_curves(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Colour colour = draw_marked_colour(rng, palette);
  const int number = 1 + static_cast<int>(rng.below(3));
  for (int i = 0; i < number; ++i) {
    const Place place = draw_place(rng, canvas.size());
    const float radius = size * uniform(rng, 0.06, 0.3);
    const float cut = radius * uniform(rng, -0.8, 0.6);
    const float half = uniform(rng, 0.8, 2.5);
    const float facing = uniform(rng, 0, 1);
    canvas.paint(coloured(arc(place.x, place.y, radius, half, cut, facing), colour));
  }
}

void paint_bars(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Colour colour = draw_marked_colour(rng, palette);
  const int number = 1 + static_cast<int>(rng.below(4));
  const float turns = uniform(rng, 0, 1);
  for (int i = 0; i < number; ++i) {
    const Place place = draw_place(rng, canvas.size());
    const float half_length = size * uniform(rng, 0.08, 0.35);
    const float half_width = uniform(rng, 1.0, 3.5);
    const float tilt = turns + uniform(rng, -0.05, 0.05);
    canvas.paint(coloured(rectangle(place.x, place.y, half_length, half_width, tilt), colour));
  }
}

void paint_grating_patch(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Place place = draw_place(rng, canvas.size());
  Leaf patch = disc(place.x, place.y, size * uniform(rng, 0.12, 0.4));
  patch.softness = uniform(rng, 1, 8);
  patch.reach += 0.5f * patch.softness;
  patch.colour = shifted(palette.base, uniform(rng, -20, 20), 0, 0);
  patch.texture = draw_grating(rng, rng.uniform(12, 45), 4.0, 16.0);
  canvas.paint(patch);
}

void paint_eye(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const Place place = draw_place(rng, canvas.size());
  const float turns = uniform(rng, -0.04, 0.04);
  const float half_height = size * uniform(rng, 0.06, 0.18);
  const float half_width = half_height * uniform(rng, 1.6, 2.4);
  const float iris = half_height * uniform(rng, 0.6, 1.0);
  const float dark = uniform(rng, -130, -60), light = uniform(rng, 70, 130);
  if (rng.uniform() < 0.4) {
    canvas.paint(coloured(disc(place.x - 0.3f * iris, place.y - 0.3f * iris, 0.22f * iris),
                          shifted(palette.base, light, 0, 0)));
  }
  canvas.paint(
      coloured(disc(place.x, place.y, iris), shifted(palette.base, dark, palette.saturation, 0)));
  canvas.paint(coloured(almond(place.x, place.y, half_width, half_height, turns),
                        shifted(palette.base, light, 0, 0)));
}

void paint_colour_blobs(Rng& rng, const Palette& palette, Canvas& canvas) {
  const float size = static_cast<float>(canvas.size());
  const int number = 1 + static_cast<int>(rng.below(3));
  for (int i = 0; i < number; ++i) {
    const Place place = draw_place(rng, canvas.size());
    Leaf blob = disc(place.x, place.y, size * uniform(rng, 0.06, 0.22));
    blob.softness = uniform(rng, 1, 6);
    blob.reach += 0.5f * blob.softness;
    const float angle = uniform(rng, 0, 1), strength = uniform(rng, 35, 75);
    blob.colour = shifted(palette.base, uniform(rng, -40, 40), strength * cos_turns(angle),
                          strength * sin_turns(angle));
    canvas.paint(blob);
  }
}

void paint_shapes(Rng& rng, const Palette& palette, Canvas& canvas) {
  constexpr Painter kPainters[] = {paint_dots, paint_corner,        paint_curves,      paint_bars,
                                   paint_eye,  paint_grating_patch, paint_colour_blobs};
  const int groups = 1 + static_cast<int>(rng.below(3));
  for (int group = 0; group < groups; ++group) {
    kPainters[rng.below(std::size(kPainters))](rng, palette, canvas);
  }
  if (rng.uniform() < 0.5) paint_plate(rng, palette, canvas);
}

}  // namespace secateur::simulated
