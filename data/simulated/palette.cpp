#include "data/simulated/palette.h"

#include "data/simulated/exact_draws.h"

namespace secateur::simulated {

Colour shifted(const Colour& base, float brightness, float warm, float ruddy) {
  return {base[0] + brightness + 0.9f * warm + ruddy, base[1] + brightness + 0.1f * warm - ruddy,
          base[2] + brightness - warm + 0.2f * ruddy};
}

Palette draw_palette(Rng& rng) {
  Palette palette;
  const float brightness = 20.0f * static_cast<float>(bell(rng));
  const float warm = 9.0f * static_cast<float>(bell(rng));
  const float ruddy = 4.0f * static_cast<float>(bell(rng));
  palette.base = shifted(kChannelMean, brightness, warm, ruddy);
  palette.contrast = uniform(rng, 70, 115);
  const float vivid = uniform(rng, 0, 1);
  palette.saturation = 6.0f + 34.0f * vivid * vivid;  // most images are muted, a few are vivid
  palette.texture = uniform(rng, 8, 30);
  return palette;
}

Colour draw_colour(Rng& rng, const Palette& palette) {
  const float brightness = palette.contrast * uniform(rng, -1, 1);
  const float warm = palette.saturation * static_cast<float>(bell(rng));
  const float ruddy = 0.6f * palette.saturation * static_cast<float>(bell(rng));
  return shifted(palette.base, brightness, warm, ruddy);
}

}  // namespace secateur::simulated
