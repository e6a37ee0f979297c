#pragma once
// Simple stimuli on a grey ground, for measuring tuning: the same shapes that stimuli contain, but
// one at a time and at chosen places.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace secateur::simulated {

enum class ProbeKind {
  kDots,     // `number` discs of radius `extent`, the first at (y, x), the others about it
  kBar,      // half length 3 * extent, half width `extent`; `direction` runs along it
  kEdge,     // a straight border through (y, x), bright on the side of `direction`
  kCorner,   // a filled quadrant with its tip at (y, x), opening about `direction`
  kGrating,  // a patch of radius size / 4, wavelength `extent`, changing along `direction`
  kEye,      // dark disc of radius 0.8 * extent in a light almond of half height `extent`
  kRed,      // a disc of radius `extent`, as bright as the ground in the mean of R and G
  kGreen,
};

std::string_view name(ProbeKind kind);

struct Probe {
  ProbeKind kind = ProbeKind::kDots;
  double y = 0, x = 0;   // pixels
  double extent = 5;     // pixels
  double direction = 0;  // degrees, from +x towards +y
  double phase = 0;      // cycles, kGrating only
  int number = 1;        // kDots only
  double contrast = 90;  // pixel levels above the ground; negative is dark
};

// [size, size, 3] on a ground of the channel means.
void render_probe(const Probe& probe, int size, uint8_t* rgb_hwc);
std::vector<uint8_t> render_probes(const std::vector<Probe>& probes, int size);

// A bank of all kinds at (y, x): the candidates for a preferred stimulus.
std::vector<Probe> probe_bank(double y, double x);

}  // namespace secateur::simulated
