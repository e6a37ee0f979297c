// The architecture behind a Keras weights file that comes without a description.

#include <algorithm>
#include <cmath>
#include <optional>

#include "formats/keras_weights.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// Shapes only: the arrays are read once more, and counted, when the layers are known.
Shape stored_shape(const Hdf5File& file, const std::string& group, int number, int rank) {
  const Shape shape = file.shape(fmt::format("layers/{}/vars/{}", group, number));
  require(shape.rank() == rank, "keras", "{}: array {} of {} is {}, wanted {} axes", file.file(),
          number, group, shape, rank);
  return shape;
}

int64_t stride_of(size_t block) { return block == 1 || block == 2 ? 2 : 1; }

struct Side {
  int64_t height;
  int64_t width;
};

// Height and width of the maps that the readout reads. A dense readout only says how many pixels
// there are, so they are taken to be square.
Side readout_side(const Hdf5File& file, bool factorised, int64_t filters) {
  if (factorised) {
    const Shape spatial = stored_shape(file, "depthwise_conv2d", 0, 4);
    return {spatial[0], spatial[1]};
  }
  const int64_t rows = stored_shape(file, "dense", 0, 2)[0];
  const int64_t pixels = filters >= 1 ? rows / filters : 0;
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(pixels))));
  require(side >= 1 && pixels * filters == rows && side * side == pixels, "keras",
          "{} has a readout of {} weights, wanted a square number for each of {} filters",
          file.file(), rows, filters);
  return {side, side};
}

}  // namespace

KerasGraph infer_keras_graph(Hdf5File& file) {
  const std::vector<std::string> groups = file.children("layers");
  const auto there = [&](const std::string& group) {
    return std::binary_search(groups.begin(), groups.end(), group);
  };
  const bool factorised = there("depthwise_conv2d");
  require(there("conv2d") && (factorised ? there("conv2d_1") : there("dense")), "keras",
          "{} has no first convolution or no readout that is known", file.file());
  const Shape first = stored_shape(file, "conv2d", 0, 4);
  std::vector<Shape> kernels = {{first[0], first[3]}};  // size and filters of each block
  KerasGroupNames names;
  for (std::string group; there(group = names.next("SeparableConv2D"));) {
    kernels.push_back({stored_shape(file, group, 0, 4)[0], stored_shape(file, group, 1, 4)[3]});
  }
  auto [height, width] = readout_side(file, factorised, kernels.back()[1]);
  constexpr int64_t kMostPixels = 1 << 12;
  require(std::max(height, width) <= kMostPixels, "keras", "{} reads maps of {} x {} pixels",
          file.file(), height, width);
  for (size_t i = 0; i < kernels.size(); ++i) {
    height *= stride_of(i);
    width *= stride_of(i);
  }
  // Versions that write a group for every layer show by its absence that there is no activation.
  const bool linear = there("flatten") && !there("activation");
  KerasGraphBuilder builder(file.file());
  builder.input("input", height, width, first[2]);
  for (size_t i = 0; i < kernels.size(); ++i) {
    const std::string name = fmt::format("layer{}", i);
    i == 0 ? builder.conv(name, kernels[i][1], kernels[i][0], stride_of(i))
           : builder.separable(name, kernels[i][1], kernels[i][0], stride_of(i));
    builder.normalisation(name + "_bn");
    if (!linear) builder.activation(name + "_act", "relu");
  }
  if (factorised) {
    builder.mixing("mixing", stored_shape(file, "conv2d_1", 0, 4)[3]);
    const Shape spatial = stored_shape(file, "depthwise_conv2d", 0, 4);
    builder.spatial("spatial", spatial[0], spatial[1]);
    builder.flatten("flatten");
  } else {
    builder.flatten("flatten");
    builder.dense("dense", stored_shape(file, "dense", 0, 2)[1]);
  }
  return builder.finish();
}

}  // namespace secateur
