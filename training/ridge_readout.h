#pragma once
// Readouts for recorded neurons on the layers of a network that was trained before (a trunk): ridge
// regression (ridge.h) from every channel and pixel that the trunk's readout read. A matter of
// seconds to minutes, without a step of training.

#include <vector>

#include "data/image_source.h"
#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// More images would take more than a few gigabytes and minutes.
inline constexpr int64_t kMostRidgeImages = 8000;

struct RidgeReadout {
  Model model;  // the trunk's layers with a dense readout, an output for each neuron
  std::vector<double> penalties;  // of each neuron
  // [images, neurons]: the response to an image of readouts that were fitted without it and its
  // neighbours, a fifth of the images; NaN where there is no response to compare it with.
  Tensor held_out;
};

// A readout on maps [images, channels, height, width], whatever gave them.
struct RidgeOnMaps {
  Tensor weight;                  // [neurons, channels, height, width]
  Tensor bias;                    // [neurons]
  std::vector<double> penalties;  // of each neuron
  Tensor held_out;                // see above; all NaN with HeldOut::kNo
};
enum class HeldOut { kYes, kNo };

// responses: [images, neurons], NaN where there is none. Each channel is brought to variance 1 over
// all its pixels and images first, so that no channel is favoured for its scale. Throws
// Error(kUsage) when the trunk reads images of another size, Error(kBadInput) for more than
// kMostRidgeImages images or a neuron with fewer than 16 responses, and Stopped.
RidgeOnMaps fit_ridge(const Tensor& maps, const Tensor& responses, HeldOut held_out,
                      Observer& observer);
RidgeReadout fit_ridge_readout(const Model& trunk, const ImageSource& images,
                               const Tensor& responses, Observer& observer);

}  // namespace secateur
