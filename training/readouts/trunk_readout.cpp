#include "training/readouts/trunk_readout.h"

#include "tensor/error.h"
#include "training/trunk_features.h"

namespace secateur {

TrunkReadout fit_on_trunk(const ReadoutKindEntry& kind, const Trunk& trunk,
                          const ImageSource& images, const Tensor& responses,
                          const ImageSource* named, const std::filesystem::path& cache,
                          uint64_t seed, Observer& observer) {
  require_readable(trunk, images);
  require(responses.dim(0) == images.count(), "readout", "wanted responses to {} images, got {}",
          images.count(), responses.dim(0));
  Tensor maps = maps_of(trunk, images, cache, observer);
  const ChannelScales scales = channel_scales(maps);
  standardise(maps, scales);
  const FittedReadout fitted = fit_readout(kind, maps, responses, seed, observer);
  TrunkReadout result{.readout = on_plain_maps(fitted, scales), .held_out = {}};
  if (named == nullptr) {
    result.held_out = held_out_responses(kind, maps, responses, kHeldOutParts, seed, observer);
  } else {
    result.held_out = respond(result.readout, maps_of(trunk, *named, cache, observer));
  }
  return result;
}

}  // namespace secateur
