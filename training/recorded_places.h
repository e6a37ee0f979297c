#pragma once
// Neurons that have responses to the same images share what is costly in fitting them.

#include <cstdint>
#include <map>
#include <vector>

#include "tensor/tensor.h"

namespace secateur {

// Of images, in rising order.
using RecordedPlaces = std::vector<size_t>;

inline constexpr size_t kFewestResponses = 16;  // to fit a readout

// Neurons by the images that they have responses to. responses: [images, neurons], NaN where there
// is none. Throws Error(kBadInput) for a neuron with fewer than kFewestResponses.
std::map<RecordedPlaces, std::vector<int64_t>> neurons_by_places(const Tensor& responses);

// Responses of one neuron to the images at these places.
std::vector<double> responses_at(const Tensor& responses, int64_t neuron,
                                 const RecordedPlaces& places);

}  // namespace secateur
