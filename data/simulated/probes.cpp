#include "data/simulated/probes.h"

#include <algorithm>
#include <cmath>

#include "data/simulated/canvas.h"
#include "data/simulated/exact_draws.h"
#include "data/simulated/palette.h"
#include "data/simulated/stimuli.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur::simulated {
namespace {

Leaf lit(Leaf leaf, double contrast) {
  leaf.colour = shifted(kChannelMean, static_cast<float>(contrast), 0, 0);
  return leaf;
}

// The first dot in the middle, the others on a sunflower spiral, so that none overlap.
void paint_dots_about(const Probe& probe, float x, float y, Canvas& canvas) {
  const float radius = static_cast<float>(probe.extent);
  for (int dot = 0; dot < probe.number; ++dot) {
    const float turn = 0.381966f * static_cast<float>(dot);  // the golden angle
    const float away = 2.4f * radius * std::sqrt(static_cast<float>(dot));
    canvas.paint(
        lit(disc(x + away * cos_turns(turn), y + away * sin_turns(turn), radius), probe.contrast));
  }
}

void paint_patch(const Probe& probe, float x, float y, float turns, Canvas& canvas) {
  Leaf patch = disc(x, y, 0.25f * static_cast<float>(canvas.size()));
  patch.softness = 3;
  patch.reach += 2;
  patch.colour = kChannelMean;
  patch.texture.kind = TextureKind::kGrating;
  patch.texture.amplitude = static_cast<float>(probe.contrast) / 1.41421356f;
  patch.texture.ux = cos_turns(turns) / static_cast<float>(probe.extent);
  patch.texture.uy = sin_turns(turns) / static_cast<float>(probe.extent);
  patch.texture.u0 = static_cast<float>(probe.phase) - patch.texture.ux * x - patch.texture.uy * y;
  canvas.paint(patch);
}

void paint_quadrant(const Probe& probe, float x, float y, float turns, Canvas& canvas) {
  const float directions[] = {turns + 0.375f, turns - 0.375f};
  const float distances[] = {0, 0};
  const float reach = static_cast<float>(canvas.size());
  canvas.paint(lit(polygon(x, y, 2, directions, distances, reach), probe.contrast));
}

void paint_eye_at(const Probe& probe, float x, float y, Canvas& canvas) {
  const float extent = static_cast<float>(probe.extent);
  canvas.paint(lit(disc(x, y, 0.8f * extent), -probe.contrast));
  canvas.paint(lit(almond(x, y, 2.0f * extent, extent, 0), probe.contrast));
}

void paint_coloured_disc(const Probe& probe, float x, float y, double ruddy, Canvas& canvas) {
  Leaf leaf = disc(x, y, static_cast<float>(probe.extent));
  leaf.colour = shifted(kChannelMean, 0, 0, static_cast<float>(ruddy));
  canvas.paint(leaf);
}

void paint_probe(const Probe& probe, Canvas& canvas) {
  const float x = static_cast<float>(probe.x), y = static_cast<float>(probe.y);
  const float extent = static_cast<float>(probe.extent);
  const float turns = static_cast<float>(probe.direction / 360.0);
  const float far = 2.0f * static_cast<float>(canvas.size());
  switch (probe.kind) {
    case ProbeKind::kDots:
      return paint_dots_about(probe, x, y, canvas);
    case ProbeKind::kBar:
      return canvas.paint(lit(rectangle(x, y, 3 * extent, extent, turns), probe.contrast));
    case ProbeKind::kEdge:
      return canvas.paint(
          lit(rectangle(x + far * cos_turns(turns), y + far * sin_turns(turns), far, far, turns),
              probe.contrast));
    case ProbeKind::kCorner:
      return paint_quadrant(probe, x, y, turns, canvas);
    case ProbeKind::kGrating:
      return paint_patch(probe, x, y, turns, canvas);
    case ProbeKind::kEye:
      return paint_eye_at(probe, x, y, canvas);
    case ProbeKind::kRed:
      return paint_coloured_disc(probe, x, y, probe.contrast, canvas);
    case ProbeKind::kGreen:
      return paint_coloured_disc(probe, x, y, -probe.contrast, canvas);
  }
}

}  // namespace

std::string_view name(ProbeKind kind) {
  constexpr std::string_view kNames[] = {"dots",    "bar", "edge", "corner",
                                         "grating", "eye", "red",  "green"};
  return kNames[static_cast<size_t>(kind)];
}

void render_probe(const Probe& probe, int size, uint8_t* rgb_hwc) {
  require_stimulus_size(size);
  require(probe.extent > 0 && probe.number >= 1, "probes",
          "wanted an extent > 0 and a number of at least 1, got {} and {}", probe.extent,
          probe.number);
  Canvas canvas(size);
  paint_probe(probe, canvas);
  canvas.finish(kChannelMean, {}, {1, 1, 1});
  canvas.develop(0, 0, rgb_hwc);
}

std::vector<uint8_t> render_probes(const std::vector<Probe>& probes, int size) {
  const size_t bytes = static_cast<size_t>(3) * static_cast<size_t>(size * size);
  std::vector<uint8_t> images(probes.size() * bytes);
  parallel_for(static_cast<int64_t>(probes.size()), [&](int64_t i) {
    const size_t image = static_cast<size_t>(i);
    render_probe(probes[image], size, images.data() + image * bytes);
  });
  return images;
}

std::vector<Probe> probe_bank(double y, double x) {
  std::vector<Probe> bank;
  const auto add = [&](ProbeKind kind, double extent, double direction, double contrast) {
    bank.push_back({.kind = kind,
                    .y = y,
                    .x = x,
                    .extent = extent,
                    .direction = direction,
                    .contrast = contrast});
  };
  for (double contrast : {90.0, -90.0}) {
    for (int number : {1, 4, 9}) {
      for (double radius : {2.0, 3.0, 4.0, 6.0, 9.0, 13.0}) {
        add(ProbeKind::kDots, radius, 0, contrast);
        bank.back().number = number;
      }
    }
    for (double direction = 0; direction < 180; direction += 22.5) {
      for (double half_width : {1.0, 2.0, 4.0})
        add(ProbeKind::kBar, half_width, direction, contrast);
    }
    for (double direction = 0; direction < 360; direction += 22.5) {
      add(ProbeKind::kCorner, 1, direction, contrast);
    }
  }
  for (double direction = 0; direction < 360; direction += 15) {
    add(ProbeKind::kEdge, 1, direction, 90);
  }
  for (double direction = 0; direction < 180; direction += 15) {
    for (double wavelength : {3.0, 4.0, 6.0, 9.0, 13.0, 18.0}) {
      for (double phase : {0.0, 0.25, 0.5, 0.75}) {
        add(ProbeKind::kGrating, wavelength, direction, 45);  // 90 from trough to crest
        bank.back().phase = phase;
      }
    }
  }
  for (double half_height : {5.0, 7.0, 10.0}) add(ProbeKind::kEye, half_height, 0, 70);
  for (double radius : {3.0, 6.0, 10.0}) {
    add(ProbeKind::kRed, radius, 0, 70);
    add(ProbeKind::kGreen, radius, 0, 70);
  }
  return bank;
}

}  // namespace secateur::simulated
