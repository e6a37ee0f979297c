#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "data/simulated/neurons.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

TEST(SimulatedFilters, HaveLengthOneAndAreBalanced) {
  for (const NeuronCircuit& circuit : uncalibrated_population(64)) {
    for (const Part& part : circuit.parts) {
      const Tensor patch = filter_patch(part.filter);
      const std::vector<double> kernel = spatial_kernel(part.filter);
      double squares = 0;
      for (float value : patch.values()) squares += double{1} * value * value;
      EXPECT_LE(std::fabs(squares - 1), 1e-5) << part.label;
      const double sum = std::accumulate(kernel.begin(), kernel.end(), 0.0);
      const FilterKind kind = part.filter.kind;
      if (kind == FilterKind::kBlob || kind == FilterKind::kRing) {
        EXPECT_GE(sum, 1) << part.label;
      } else {
        EXPECT_LE(std::fabs(sum), 1e-9) << part.label;
      }
      EXPECT_EQ(patch.shape(), Shape({3, part.filter.side, part.filter.side}));
    }
  }
}

TEST(SimulatedFilters, DirectionPointsToTheBrightSide) {
  FilterSpec spec{.kind = FilterKind::kEdge, .side = 7, .direction = 0};
  std::vector<double> kernel = spatial_kernel(spec);
  EXPECT_GE(kernel[3 * 7 + 5], 0.05);   // right of the centre
  EXPECT_LE(kernel[3 * 7 + 1], -0.05);  // left
  spec.direction = 90;
  kernel = spatial_kernel(spec);
  EXPECT_GE(kernel[5 * 7 + 3], 0.05);  // below
  EXPECT_LE(kernel[1 * 7 + 3], -0.05);
  spec.kind = FilterKind::kCorner;
  spec.direction = 45;
  kernel = spatial_kernel(spec);
  EXPECT_GE(kernel[5 * 7 + 5], 0.02);  // below right
  EXPECT_LE(kernel[1 * 7 + 1], -0.02);
  EXPECT_LE(kernel[1 * 7 + 5], -0.02);
}

TEST(SimulatedFilters, PhasesOfAGaborAreOrthogonal) {
  FilterSpec even{.kind = FilterKind::kGabor, .side = 9, .direction = 30, .phase = 0};
  FilterSpec odd = even;
  odd.phase = 90;
  const std::vector<double> a = spatial_kernel(even), b = spatial_kernel(odd);
  EXPECT_LE(std::fabs(std::inner_product(a.begin(), a.end(), b.begin(), 0.0)), 1e-9);
}

TEST(SimulatedFilters, RefuseWhatCannotBe) {
  for (int side : {3, 6, 13}) EXPECT_THROW(spatial_kernel({.side = side}), Error) << side;
  EXPECT_THROW(spatial_kernel({.sigma = 0}), Error);
  EXPECT_THROW(channel_weights({.channels = {0, 0, 0}}), Error);
}

}  // namespace
}  // namespace secateur::simulated
