#pragma once
// A trunk that looks at images as a session has them: of another size and less other means than
// those it was trained on.

#include <memory>

#include "models/trunk.h"

namespace secateur {

// Reads images of `images` and gives the maps of `trunk` for them. Pixels are restored (the means
// of `images` added), brought to the trunk's size by the filter of data/resample.h, in float and
// unrounded, and the trunk's means subtracted. One way for every image, whether it was recorded or
// changed at random, so that a readout is fitted on maps such as it will read. Where the two inputs
// are the same, it is the trunk as it is, of the same identity.
std::unique_ptr<Trunk> trunk_on_images(std::shared_ptr<const Trunk> trunk, const InputSpec& images);

}  // namespace secateur
