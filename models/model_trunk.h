#pragma once
// Layers of a model as a trunk, and trunks whose maps are too large to read pixel by pixel.

#include <memory>

#include "models/model.h"
#include "models/trunk.h"

namespace secateur {

// The first `blocks` blocks of a model, frozen, in evaluation mode. The identity is the fingerprint
// of the model and how many blocks. Throws Error(kUsage) unless there are 1 to so many blocks.
std::unique_ptr<Trunk> trunk_of_model(const Model& model, size_t blocks);

// The trunk itself when its maps have at most `most_pixels` pixels each; else the means over
// squares of 2 x 2, 3 x 3 or more of their pixels, the least that bring them there.
std::unique_ptr<Trunk> with_pooled_maps(std::unique_ptr<Trunk> trunk, int64_t most_pixels);

}  // namespace secateur
