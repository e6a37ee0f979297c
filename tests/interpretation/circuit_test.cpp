#include "interpretation/circuit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "interpretation/weight_paths.h"
#include "tensor/error.h"
#include "tensor/statistics.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

Circuit small_circuit(const LayeredResponse& response, const Tensor& pixels) {
  Observer nobody;
  AblationRuns runs(response, pixels);
  return circuit_of(response, pixels, ablate(runs, single_filters(response), nobody), nobody);
}

const CircuitEdge& edge_of(const Circuit& circuit, size_t layer, int64_t from, int64_t to) {
  for (const CircuitEdge& edge : circuit.edges) {
    if (edge.layer == layer && edge.from == from && edge.to == to) return edge;
  }
  throw std::out_of_range("no such edge");
}

TEST(Circuit, SharesSumToOneIntoEveryFilterAndOverEveryLayer) {
  const LayeredResponse response(small_student());
  const Circuit circuit = small_circuit(response, random_pixels(12));
  for (size_t layer = 0; layer < 5; ++layer) {
    const int64_t readers = layer == 4 ? 1 : response.filters(layer + 1);
    for (int64_t to = 0; to < readers; ++to) {
      double sum = 0;
      for (int64_t from = 0; from < response.filters(layer); ++from) {
        sum += edge_of(circuit, layer, from, to).share;
      }
      EXPECT_NEAR(sum, 1, 1e-9) << layer << " to " << to;
    }
    double of_layer = 0;
    for (const CircuitFilter& filter : circuit.filters) {
      if (filter.layer == layer) of_layer += filter.share;
    }
    EXPECT_NEAR(of_layer, 1, 1e-9) << layer;
  }
}

TEST(Circuit, OfTheLastLayerIsWhatAblationSays) {
  const LayeredResponse response(small_student());
  const Circuit circuit = small_circuit(response, random_pixels(12));
  for (const CircuitFilter& filter : circuit.filters) {
    if (filter.layer != 4) continue;
    const CircuitEdge& edge = edge_of(circuit, 4, filter.filter, 0);
    EXPECT_NEAR(filter.share, filter.ablated.share, 1e-4);
    EXPECT_NEAR(edge.variance, filter.ablated.variance_missing, 1e-4);
    EXPECT_NEAR(edge.mean, filter.ablated.mean_change, 1e-4);
  }
  ASSERT_TRUE(circuit.agreement[4]);
  EXPECT_NEAR(*circuit.agreement[4], 1, 1e-5);
}

TEST(Circuit, EdgesAreThoseOfTheirFormula) {
  const LayeredResponse response(small_student());
  constexpr int64_t kImages = 6;
  const Tensor pixels = random_pixels(kImages);
  const CircuitEdge edge = edge_of(small_circuit(response, pixels), 1, 2, 1);
  const Tensor& mixing = response.model().tensor("layer2.pointwise.weight");
  const int64_t plane = 4 * 4;
  double covariance = 0, own = 0, whole = 0, mean = 0;
  std::vector<Tensor> signals;
  for (int64_t i = 0; i < kImages; ++i) {
    signals.push_back(response.signals(pixels.rows(i, i + 1))[1]);
  }
  ASSERT_EQ(signals[0].numel(), 5 * plane);
  for (int64_t p = 0; p < plane; ++p) {
    std::vector<double> part, sum;
    for (const Tensor& signal : signals) {
      part.push_back(double{mixing[1 * 5 + 2]} * signal[2 * plane + p]);
      sum.push_back(0);
      for (int64_t a = 0; a < 5; ++a) sum.back() += double{mixing[5 + a]} * signal[a * plane + p];
    }
    const double m = mean_of(part), s = mean_of(sum);
    mean += m / plane;
    for (size_t i = 0; i < part.size(); ++i) {
      covariance += (part[i] - m) * (sum[i] - s);
      own += (part[i] - m) * (part[i] - m);
      whole += (sum[i] - s) * (sum[i] - s);
    }
  }
  EXPECT_NEAR(edge.share, covariance / whole, 1e-5);
  EXPECT_NEAR(edge.variance, own / whole, 1e-5);
  EXPECT_NEAR(edge.mean, mean, 1e-4);
}

// With every ReLU open and filters that give the same everywhere, a path gain is what one unit
// more in the filter's map does, but at borders.
TEST(WeightPaths, GainIsTheEffectOfOneUnitWhereReLUsAreOpen) {
  Architecture architecture;
  architecture.input = small_input();
  architecture.blocks = {
      {.kind = BlockKind::kConv, .name = "layer0", .filters = 3, .norm = Norm::kNone},
      {.kind = BlockKind::kSeparable,
       .name = "layer1",
       .filters = 2,
       .kernel = 1,
       .norm = Norm::kNone}};
  Model model(architecture, 2);
  model.tensor("layer0.conv.bias").fill(2000);
  model.tensor("layer1.pointwise.bias").fill(9000);
  model.set_output_scale({1.0}, {3.0});
  const LayeredResponse response(model);
  const auto gains = path_gains(response);
  std::vector<Tensor> signals = response.signals(random_pixels(1));
  for (int64_t f = 0; f < 3; ++f) {
    const double before = response.response(0, signals[0]);
    Tensor more = signals[0].clone();
    const float kernel = response.model().tensor("layer1.depthwise.weight")[f];
    for (int64_t p = 0; p < 16 * 16; ++p) more[f * 16 * 16 + p] += kernel * 64;
    EXPECT_NEAR((response.response(0, more) - before) / 64, gains[0][static_cast<size_t>(f)],
                1e-2 * std::abs(gains[0][static_cast<size_t>(f)]) + 1e-2);
  }
}

TEST(WeightPaths, RefusesResidualBlocks) {
  const LayeredResponse response(
      Model(member_architecture({.stem = 4, .width = 4, .middle = 2, .residual_blocks = 1},
                                small_input(), 1),
            1));
  EXPECT_THROW(path_gains(response), Error);
}

TEST(WeightPaths, ReadoutMapsOfFactorisedReadoutsGiveTheResponse) {
  Model model(shared_compact_architecture(4, small_input(), 2), 3);
  const LayeredResponse response(model, 1);
  const Tensor map = response.signals(random_pixels(1)).back();
  const std::vector<Tensor> maps = readout_maps(response);
  const int64_t plane = map.dim(2) * map.dim(3);
  Tensor none = Tensor::zeros(map.shape());
  double y = response.response(response.layers() - 1, none);
  for (int64_t f = 0; f < map.dim(1); ++f) {
    for (int64_t p = 0; p < plane; ++p) y += double{map[f * plane + p]} * maps[size_t(f)][p];
  }
  const double whole = response.response(response.layers() - 1, map);
  EXPECT_NEAR(y, whole, 1e-3 * std::abs(whole) + 1e-4);
}

}  // namespace
}  // namespace secateur
