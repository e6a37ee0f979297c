#pragma once
// The chain of layers of the published models, from the shapes of their arrays alone.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "formats/keras_graph.h"

namespace secateur {

struct PublishedShapes {
  struct Block {
    int64_t kernel;  // pixels a side
    int64_t filters;
  };
  int64_t channels = 3;       // of the image
  std::vector<Block> blocks;  // the first one is a convolution, the others are separable
  bool linear = false;        // no activations
  int64_t outputs = 1;
  int64_t dense_rows = 0;                         // of a dense readout: pixels times filters
  std::optional<std::array<int64_t, 2>> spatial;  // of a factorised one: height and width
};

// Strides 1, 2, 2, 1, 1, ..., each block normalised and, unless linear, rectified; the size of the
// image follows from the readout. A dense readout only says how many pixels there are, so they are
// taken to be square. Shapes that do not fit together are Error(kBadInput) naming `file`.
KerasGraph published_graph(const PublishedShapes& shapes, const std::string& file);

}  // namespace secateur
