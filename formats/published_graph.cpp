#include "formats/published_graph.h"

#include <algorithm>
#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

int64_t stride_of(size_t block) { return block == 1 || block == 2 ? 2 : 1; }

std::array<int64_t, 2> readout_side(const PublishedShapes& shapes, const std::string& file) {
  if (shapes.spatial) return *shapes.spatial;
  const int64_t filters = shapes.blocks.back().filters;
  const int64_t rows = shapes.dense_rows;
  const int64_t pixels = filters >= 1 ? rows / filters : 0;
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(pixels))));
  require(side >= 1 && pixels * filters == rows && side * side == pixels, "keras",
          "{} has a readout of {} weights, wanted a square number for each of {} filters", file,
          rows, filters);
  return {side, side};
}

}  // namespace

KerasGraph published_graph(const PublishedShapes& shapes, const std::string& file) {
  require(!shapes.blocks.empty(), "keras", "{} has no first convolution", file);
  const auto side = readout_side(shapes, file);
  auto [height, width] = side;
  constexpr int64_t kMostPixels = 1 << 12;
  require(std::max(height, width) <= kMostPixels, "keras", "{} reads maps of {} x {} pixels", file,
          height, width);
  for (size_t i = 0; i < shapes.blocks.size(); ++i) {
    height *= stride_of(i);
    width *= stride_of(i);
  }
  KerasGraphBuilder builder(file);
  builder.input("input", height, width, shapes.channels);
  for (size_t i = 0; i < shapes.blocks.size(); ++i) {
    const std::string name = fmt::format("layer{}", i);
    const auto& [kernel, filters] = shapes.blocks[i];
    i == 0 ? builder.conv(name, filters, kernel, stride_of(i))
           : builder.separable(name, filters, kernel, stride_of(i));
    builder.normalisation(name + "_bn");
    if (!shapes.linear) builder.activation(name + "_act", "relu");
  }
  if (shapes.spatial) {
    builder.mixing("mixing", shapes.outputs);
    builder.spatial("spatial", side[0], side[1]);
    builder.flatten("flatten");
  } else {
    builder.flatten("flatten");
    builder.dense("dense", shapes.outputs);
  }
  return builder.finish();
}

}  // namespace secateur
