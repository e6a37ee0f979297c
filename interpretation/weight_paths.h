#pragma once
// What the weights of a chain say by themselves: readout maps, and the gain of the paths from a
// filter to the response.

#include <vector>

#include "interpretation/layered_response.h"

namespace secateur {

// Throws Error(kBadInput) unless the model is a convolution of few channels and then separable or
// pointwise blocks, whose wiring can be read.
void require_chain(const LayeredResponse& response);

// The signs that the weights give to the filters of a layer, ReLUs left out: what a filter that
// gave one unit more at every place would add to the response. It is the sum over all paths of the
// products of pointwise weights and sums of depthwise kernels, and at the end of the sum of the
// readout map; borders are not accounted for. A ReLU that cuts, or a filter that is active in few
// places, can give a filter the other sign. Throws Error(kBadInput) for other blocks.
std::vector<std::vector<double>> path_gains(const LayeredResponse& response);

// The readout map of each filter of the last layer, [h, w], in units of the response of the file
// for a unit of the filter: a dense map, or mixing weight times spatial weights.
std::vector<Tensor> readout_maps(const LayeredResponse& response);

}  // namespace secateur
