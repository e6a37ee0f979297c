#pragma once
// Small models of every kind of block and readout, and images for them.

#include <cmath>
#include <string>
#include <vector>

#include "compression/allocation.h"
#include "compression/compact_model.h"
#include "compression/quantiser.h"
#include "models/model.h"
#include "tensor/rng.h"

namespace secateur {

struct NamedArchitecture {
  std::string name;
  Architecture architecture;
};

// The means are not the published ones in some, names are not "layerN" in some.
std::vector<NamedArchitecture> every_architecture();

// A model with biases, batch norms and output scale that are not trivial.
Model lively_model(const Architecture& architecture, uint64_t seed);

// Smooth images of random blobs, [n, 3, h, w], about as large as centred pixels.
Tensor blob_images(const InputSpec& input, int64_t count, uint64_t seed);

// Quantised with steps from a made-up importance; transforms wherever possible when `transform`.
CompactModel quick_compact(const Model& folded, bool transform, int global_step = -64);

}  // namespace secateur
