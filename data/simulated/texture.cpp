#include "data/simulated/texture.h"

#include <cmath>

#include "data/simulated/exact_draws.h"
#include "data/simulated/noise_table.h"

namespace secateur::simulated {
namespace {

void add_table_row(const Texture& t, const float* table, int x0, int y, int count, float* out) {
  constexpr int kMask = kNoiseSide - 1;
  for (int i = 0; i < count; ++i) {
    const float x = static_cast<float>(x0 + i);
    const float u = t.u0 + t.ux * x + t.uy * static_cast<float>(y);
    const float v = t.v0 + t.vx * x + t.vy * static_cast<float>(y);
    const float u_floor = std::floor(u), v_floor = std::floor(v);
    const float fu = u - u_floor, fv = v - v_floor;
    const int iu = static_cast<int>(u_floor), iv = static_cast<int>(v_floor);
    const int left = iu & kMask, right = (iu + 1) & kMask;
    const int top = (iv & kMask) * kNoiseSide, bottom = ((iv + 1) & kMask) * kNoiseSide;
    const float upper = table[top + left] + fu * (table[top + right] - table[top + left]);
    const float lower = table[bottom + left] + fu * (table[bottom + right] - table[bottom + left]);
    out[i] += t.amplitude * (upper + fv * (lower - upper));
  }
}

void add_grating_row(const Texture& t, int x0, int y, int count, float* out) {
  for (int i = 0; i < count; ++i) {
    const float phase = t.u0 + t.ux * static_cast<float>(x0 + i) + t.uy * static_cast<float>(y);
    out[i] += t.amplitude * 1.41421356f * sin_turns(phase);  // sqrt(2): variance 1
  }
}

}  // namespace

void add_texture_row(const Texture& texture, int x0, int y, int count, float* out) {
  switch (texture.kind) {
    case TextureKind::kPlain:
      return;
    case TextureKind::kNoise:
      return add_table_row(texture, pink_noise().data(), x0, y, count, out);
    case TextureKind::kOrientedNoise:
      return add_table_row(texture, oriented_noise().data(), x0, y, count, out);
    case TextureKind::kGrating:
      return add_grating_row(texture, x0, y, count, out);
  }
}

Texture draw_grating(Rng& rng, double amplitude, double shortest, double longest) {
  Texture t;
  t.kind = TextureKind::kGrating;
  t.amplitude = static_cast<float>(amplitude);
  const float frequency = 1.0f / uniform(rng, shortest, longest);
  const float direction = uniform(rng, 0, 1);
  t.ux = frequency * cos_turns(direction);
  t.uy = frequency * sin_turns(direction);
  t.u0 = uniform(rng, 0, 1);
  return t;
}

Texture draw_texture(Rng& rng, double amplitude, double shortest, double longest) {
  const double kind = rng.uniform();
  if (kind < 0.15) return draw_grating(rng, amplitude, shortest, longest);
  Texture t;
  t.kind = kind < 0.35 ? TextureKind::kOrientedNoise : TextureKind::kNoise;
  if (kind > 0.8) t.kind = TextureKind::kPlain;
  t.amplitude = static_cast<float>(amplitude);
  const float direction = uniform(rng, 0, 1);
  const float scale = uniform(rng, 0.6, 1.6);
  t.ux = scale * cos_turns(direction);
  t.uy = scale * sin_turns(direction);
  t.vx = -t.uy;
  t.vy = t.ux;
  t.u0 = uniform(rng, 0, kNoiseSide);
  t.v0 = uniform(rng, 0, kNoiseSide);
  return t;
}

}  // namespace secateur::simulated
