#pragma once
// Readouts for recorded neurons behind one interface: each is fitted on the maps that a trunk gives
// for some images and on the responses to them, and then predicts from maps of other images.
//
//   ridge               one weight a channel and pixel; ridge regression, its penalty chosen by
//                       generalised cross-validation (training/ridge.h)
//   projection          the same on a sparse random projection of the maps (Achlioptas, J Comput
//                       Syst Sci 66:671, 2003; Li, Hastie and Church, KDD 2006)
//   factorised          "what" and "where": channel weights times a map of pixels (Klindt et al.,
//                       NeurIPS 2017), from the first singular vectors of the ridge solution, then
//                       by Adam
//   gaussian            channel weights in one round Gaussian window, the feature-weighted
//                       receptive field (St-Yves and Naselaris, NeuroImage 180:188, 2018): every
//                       window of a grid of places and sizes, ridge regression from the channels it
//                       pools, the window and penalty of the least generalised cross-validation
//   dense               one weight a channel and pixel, from 0 by Adam
//   linear_relu_linear  a 1 x 1 convolution, ReLU, one weight a channel and pixel, by Adam
//   average             the mean of ridge, factorised and gaussian
//
// What Adam fits stops early (gradient_fit.h).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tensor/observer.h"
#include "tensor/tensor.h"

namespace secateur {

// y[n, o] = offset[o] + gain[o] (bias[o] + sum over c, p of weight[o, c, p] a[n, c, p]), a the maps
// x, or, with a hidden layer, relu(hidden x + hidden_bias).
struct FittedReadout {
  Tensor weight;         // [neurons, channels or hidden, height, width]
  Tensor bias;           // [neurons]
  Tensor hidden_weight;  // [hidden, channels, 1, 1], or empty
  Tensor hidden_bias;    // [hidden], or empty
  std::vector<double> offset;
  std::vector<double> gain;
};

struct ReadoutKindEntry {
  const char* name;
  const char* what;  // in a few words
  // Of standardised maps and z-scored responses; offset and gain are left empty.
  FittedReadout (*fit)(const Tensor& maps, const Tensor& responses, uint64_t seed, Observer&);
};

// In the order of the list above.
std::span<const ReadoutKindEntry> readout_kinds();
// Throws Error(kUsage) with all names when there is none of this name.
const ReadoutKindEntry& readout_kind(const std::string& name);

// maps: [images, channels, height, width], best standardised (below). responses: [images, neurons]
// in any unit, NaN where there is none. Throws Error(kBadInput) for other shapes and for a neuron
// with fewer than kFewestResponses responses, and Stopped.
FittedReadout fit_readout(const ReadoutKindEntry& kind, const Tensor& maps, const Tensor& responses,
                          uint64_t seed, Observer& observer);

// [images, neurons], in the unit of the responses.
Tensor respond(const FittedReadout& readout, const Tensor& maps);

// Every image by a readout that was fitted without it and its neighbours: the images in `folds`
// parts, one after the other left out. Also for images without a response.
Tensor held_out_responses(const ReadoutKindEntry& kind, const Tensor& maps, const Tensor& responses,
                          int64_t folds, uint64_t seed, Observer& observer);

// Mean and deviation over images and pixels of every channel. Applied to the maps in place; a
// channel that never answers becomes 0.
struct ChannelScales {
  std::vector<double> mean;
  std::vector<double> factor;  // 1 / deviation, or 0
};
ChannelScales channel_scales(const Tensor& maps);
void standardise(Tensor& maps, const ChannelScales& scales);
// The same readout of maps as they were before.
FittedReadout on_plain_maps(const FittedReadout& readout, const ChannelScales& scales);

}  // namespace secateur
