#pragma once
// A readout on a trunk, as a teacher has it: fitted on images, and judged by images that it was not
// fitted on.

#include <filesystem>

#include "data/image_source.h"
#include "models/trunk.h"
#include "training/readouts/readouts.h"

namespace secateur {

inline constexpr int64_t kHeldOutParts = 5;

struct TrunkReadout {
  FittedReadout readout;  // of the trunk's maps as they are
  // [images, neurons], to each image by readouts that were fitted without it and its neighbours, a
  // fifth of the images; where images are held out by name, to those, [held out, neurons].
  Tensor held_out;
};

// responses: [images, neurons], NaN where there is none. `named`: images held out, or null. Maps
// are kept in the folder `cache` unless it is empty (trunk_features.h). Throws as fit_readout() and
// maps_of() do, and Error(kBadInput) when there are not as many responses as images.
TrunkReadout fit_on_trunk(const ReadoutKindEntry& kind, const Trunk& trunk,
                          const ImageSource& images, const Tensor& responses,
                          const ImageSource* named, const std::filesystem::path& cache,
                          uint64_t seed, Observer& observer);

}  // namespace secateur
