// The architecture behind a Keras weights file that comes without a description.

#include <algorithm>

#include "formats/keras_weights.h"
#include "formats/published_graph.h"
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

}  // namespace

KerasGraph infer_keras_graph(Hdf5File& file) {
  const std::vector<std::string> groups = file.children("layers");
  const auto there = [&](const std::string& group) {
    return std::binary_search(groups.begin(), groups.end(), group);
  };
  const bool factorised = there("depthwise_conv2d");
  require(there("conv2d") && (factorised ? there("conv2d_1") : there("dense")), "keras",
          "{} has no first convolution or no readout that is known", file.file());
  PublishedShapes shapes;
  const Shape first = stored_shape(file, "conv2d", 0, 4);
  shapes.channels = first[2];
  shapes.blocks = {{first[0], first[3]}};
  KerasGroupNames names;
  for (std::string group; there(group = names.next("SeparableConv2D"));) {
    shapes.blocks.push_back(
        {stored_shape(file, group, 0, 4)[0], stored_shape(file, group, 1, 4)[3]});
  }
  // Versions that write a group for every layer show by its absence that there is no activation.
  shapes.linear = there("flatten") && !there("activation");
  if (factorised) {
    const Shape spatial = stored_shape(file, "depthwise_conv2d", 0, 4);
    shapes.spatial = {spatial[0], spatial[1]};
    shapes.outputs = stored_shape(file, "conv2d_1", 0, 4)[3];
  } else {
    const Shape dense = stored_shape(file, "dense", 0, 2);
    shapes.dense_rows = dense[0];
    shapes.outputs = dense[1];
  }
  return published_graph(shapes, file.file());
}

}  // namespace secateur
