#pragma once
// Readouts for recorded neurons by ridge regression (ridge.h) from every channel and pixel of maps.
// A matter of seconds to minutes, without a step of training.

#include <vector>

#include "tensor/observer.h"
#include "tensor/tensor.h"

namespace secateur {

// More images would take more than a few gigabytes and minutes.
inline constexpr int64_t kMostRidgeImages = 8000;

struct RidgeOnMaps {
  Tensor weight;                  // [neurons, channels, height, width]
  Tensor bias;                    // [neurons]
  std::vector<double> penalties;  // of each neuron
};

// maps: [images, channels, height, width], whatever gave them; responses: [images, neurons], NaN
// where there is none. Each channel is brought to variance 1 over all its pixels and images first,
// so that no channel is favoured for its scale. Throws Error(kBadInput) for more than
// kMostRidgeImages images or a neuron with fewer than 16 responses, and Stopped.
RidgeOnMaps fit_ridge(const Tensor& maps, const Tensor& responses, Observer& observer);

}  // namespace secateur
