// Each neuron prefers what was planted to its foils. Rates are those of uncalibrated circuits (gain
// 1, baseline 0): calibration is an increasing map, and without a baseline margins are plain
// ratios.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "data/simulated/canvas.h"
#include "data/simulated/neurons.h"
#include "data/simulated/palette.h"
#include "data/simulated/probes.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

constexpr int kSize = 64;
enum Neuron { kEdgeCell, kComplex, kCornerCell, kDot, kTexture, kColour, kEyeLike, kSuppressed };

NeuronCircuit neuron(Neuron which) { return uncalibrated_population(kSize)[which]; }

double rate_of(const NeuronCircuit& circuit, Probe probe) {
  if (probe.x == 0 && probe.y == 0) {
    probe.x = circuit.centre_x;
    probe.y = circuit.centre_y;
  }
  return rate(circuit, render_probes({probe}, kSize).data(), kSize);
}

double best_rate(const NeuronCircuit& circuit, const std::function<bool(const Probe&)>& wanted) {
  double best = 0;
  for (const Probe& probe : probe_bank(circuit.centre_y, circuit.centre_x)) {
    if (wanted(probe)) best = std::max(best, rate_of(circuit, probe));
  }
  return best;
}

auto kind_is(ProbeKind kind) {
  return [kind](const Probe& probe) { return probe.kind == kind; };
}

TEST(SimulatedNeurons, EdgePrefersItsDirection) {
  const NeuronCircuit cell = neuron(kEdgeCell);
  const Probe edge{.kind = ProbeKind::kEdge, .direction = 30};
  for (double turn : {60.0, 90.0, 180.0}) {
    Probe turned = edge;
    turned.direction += turn;
    EXPECT_GE(rate_of(cell, edge), 3 * rate_of(cell, turned)) << turn;
  }
}

TEST(SimulatedNeurons, ComplexCellIsTunedToDirectionButNotToPhase) {
  const NeuronCircuit cell = neuron(kComplex);
  const Probe liked{.kind = ProbeKind::kGrating, .extent = 6, .direction = 120, .contrast = 45};
  Probe turned = liked;
  turned.direction = 30;
  EXPECT_GE(rate_of(cell, liked), 5 * rate_of(cell, turned));
  // With almost no pooling, only the sum of the two squares can hide the phase.
  NeuronCircuit point = cell;
  point.pooling_sigma = 0.3;
  point.threshold = 0;
  const auto spread = [&](const NeuronCircuit& circuit) {
    double low = 1e9, high = 0;
    for (double phase = 0; phase < 1; phase += 0.125) {
      Probe shifted = liked;
      shifted.phase = phase;
      low = std::min(low, rate_of(circuit, shifted));
      high = std::max(high, rate_of(circuit, shifted));
    }
    return low / high;
  };
  EXPECT_GE(spread(point), 0.75);
  EXPECT_LE(spread(without_part(point, 0)), 0.2);
}

TEST(SimulatedNeurons, CornerPrefersItsCornerToStraightEdgesAndOtherCorners) {
  const NeuronCircuit cell = neuron(kCornerCell);
  const double liked = rate_of(cell, {.kind = ProbeKind::kCorner, .direction = 225});
  EXPECT_GE(liked, 1.5 * best_rate(cell, kind_is(ProbeKind::kEdge)));
  for (double direction : {45.0, 135.0, 315.0}) {
    EXPECT_GE(liked, 4 * rate_of(cell, {.kind = ProbeKind::kCorner, .direction = direction}));
  }
}

TEST(SimulatedNeurons, DotPrefersSmallDarkDots) {
  const NeuronCircuit cell = neuron(kDot);
  const Probe small{.extent = 2, .contrast = -90};
  const double liked = rate_of(cell, small);
  ASSERT_GE(liked, 1e-3);
  for (double radius : {6.0, 9.0, 13.0, 20.0}) {
    EXPECT_GE(liked, 2 * rate_of(cell, {.extent = radius, .contrast = -90})) << radius;
  }
  EXPECT_GE(liked, 2 * rate_of(cell, {.extent = 2, .contrast = 90}));
  const double many = rate_of(cell, {.extent = 2, .number = 9, .contrast = -90});
  EXPECT_GE(many, 2 * liked);
  for (ProbeKind foil : {ProbeKind::kEdge, ProbeKind::kBar, ProbeKind::kGrating}) {
    EXPECT_GE(many, 1.5 * best_rate(cell, kind_is(foil))) << name(foil);
  }
}

TEST(SimulatedNeurons, DotIsInhibitedByLargeEdges) {
  const NeuronCircuit cell = neuron(kDot);
  const Probe bar{.kind = ProbeKind::kBar, .extent = 4, .contrast = -90};
  NeuronCircuit released = without_part(without_part(cell, 5), 4);
  EXPECT_GE(rate_of(released, bar), 2 * rate_of(cell, bar) + 0.01);
}

TEST(SimulatedNeurons, TexturePrefersFineTextureOfAnyDirection) {
  const NeuronCircuit cell = neuron(kTexture);
  const double coarse = best_rate(cell, [](const Probe& probe) {
    return probe.kind == ProbeKind::kGrating && probe.extent >= 9;
  });
  double low = 1e9, high = 0;
  for (double direction : {0.0, 45.0, 90.0, 135.0}) {
    const double fine = rate_of(
        cell, {.kind = ProbeKind::kGrating, .extent = 4, .direction = direction, .contrast = 45});
    EXPECT_GE(fine, 3 * coarse) << direction;
    low = std::min(low, fine);
    high = std::max(high, fine);
  }
  EXPECT_GE(low, 0.6 * high);
}

TEST(SimulatedNeurons, ColourPrefersRedToGreenAndDarkSurround) {
  const NeuronCircuit cell = neuron(kColour);
  const Probe red{.kind = ProbeKind::kRed, .extent = 6, .contrast = 70};
  const double liked = rate_of(cell, red);
  ASSERT_GE(liked, 0.1);
  EXPECT_GE(liked, 10 * rate_of(cell, {.kind = ProbeKind::kGreen, .extent = 6, .contrast = 70}));
  EXPECT_GE(liked, 10 * rate_of(cell, {.extent = 6, .contrast = 90}));
  std::vector<uint8_t> bright = render_probes({[&] {
                                                Probe centred = red;
                                                centred.x = cell.centre_x;
                                                centred.y = cell.centre_y;
                                                return centred;
                                              }()},
                                              kSize);
  for (uint8_t& level : bright) level = static_cast<uint8_t>(std::min(255, level + 60));
  EXPECT_LE(rate(cell, bright.data(), kSize), 0.9 * liked);
}

double rate_of_leaves(const NeuronCircuit& circuit, const std::vector<Leaf>& leaves) {
  Canvas canvas(kSize);
  for (const Leaf& leaf : leaves) canvas.paint(leaf);
  canvas.finish(kChannelMean, {}, {1, 1, 1});
  std::vector<uint8_t> rgb(3 * kSize * kSize);
  canvas.develop(0, 0, rgb.data());
  return rate(circuit, rgb.data(), kSize);
}

TEST(SimulatedNeurons, EyeNeedsDarkCentreAndLightFlanks) {
  const NeuronCircuit cell = neuron(kEyeLike);
  const float x = static_cast<float>(cell.centre_x), y = static_cast<float>(cell.centre_y);
  Leaf iris = disc(x, y, 5.6f), white = almond(x, y, 14, 7, 0);
  iris.colour = shifted(kChannelMean, -80, 0, 0);
  white.colour = shifted(kChannelMean, 80, 0, 0);
  const double eye = rate_of_leaves(cell, {iris, white});
  ASSERT_GE(eye, 0.05);
  EXPECT_GE(eye, 3 * rate_of_leaves(cell, {iris}));
  EXPECT_GE(eye, 3 * rate_of_leaves(cell, {white}));
  std::swap(iris.colour, white.colour);
  EXPECT_GE(eye, 3 * rate_of_leaves(cell, {iris, white}));
}

// The centre of one probe, the rest of another.
double rate_of_centre_and_rest(const NeuronCircuit& cell, const Probe& inside, const Probe& outside,
                               double radius) {
  std::vector<uint8_t> image = render_probes({inside}, kSize);
  const std::vector<uint8_t> rest = render_probes({outside}, kSize);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      if (std::hypot(y - cell.centre_y, x - cell.centre_x) < radius) continue;
      for (int c = 0; c < 3; ++c) {
        image[static_cast<size_t>((y * kSize + x) * 3 + c)] =
            rest[static_cast<size_t>((y * kSize + x) * 3 + c)];
      }
    }
  }
  return rate(cell, image.data(), kSize);
}

TEST(SimulatedNeurons, SurroundSuppresses) {
  const NeuronCircuit cell = neuron(kSuppressed);
  const Probe edge{
      .kind = ProbeKind::kEdge, .y = cell.centre_y, .x = cell.centre_x, .direction = 80};
  const Probe grey{.y = -100, .x = -100, .extent = 1};
  Probe busy{.y = cell.centre_y, .x = cell.centre_x, .extent = 3, .number = 90, .contrast = -100};
  // From 18 px on hardly anything but the surround sees the picture.
  const double alone = rate_of_centre_and_rest(cell, edge, grey, 18);
  EXPECT_LE(rate_of_centre_and_rest(cell, edge, busy, 18), 0.9 * alone);
  const NeuronCircuit free = without_part(without_part(cell, 2), 1);
  const double free_alone = rate_of_centre_and_rest(free, edge, grey, 18);
  EXPECT_GE(free_alone, 1.2 * alone);
  EXPECT_LE(std::fabs(rate_of_centre_and_rest(free, edge, busy, 18) / free_alone - 1), 0.01);
}

TEST(SimulatedProbes, RefuseWhatCannotBeDrawn) {
  uint8_t nothing = 0;
  EXPECT_THROW(render_probe({.extent = 0}, 64, &nothing), Error);
  EXPECT_THROW(render_probe({.number = 0}, 64, &nothing), Error);
  EXPECT_THROW(render_probe({}, 63, &nothing), Error);
}

}  // namespace
}  // namespace secateur::simulated
