#pragma once
// Which filter feeds which, with sign and strength: the wiring of a compact model as it is used
// for some images.
//
// Filter b of a layer reads z_b = bias_b + sum over filters a of the layer below of
// contribution_ab, where contribution_ab = (pointwise weight of a in b) * (signal of a,
// layered_response.h), at every place of every image. Covariances are over images, around the mean
// of each place, summed over places. So
//   share = cov(contribution_ab, z_b) / var(z_b)      sums to 1 over a; below 0: a cancels others
// The response reads contribution_f = sum over places of (readout map of f) * (map of f) from the
// last layer, likewise. The ReLU of b lies between z_b and its map: what an edge carries may be cut
// away by it.
//
// The share of a filter of the last layer is that of its edge, and further down
//   share(a) = sum over b of share(a in b) share(b)
// so that the shares of a layer sum to 1. They follow the weights alone; what ablation says
// (AblationLoss::share) knows of the ReLUs and needs not sum to 1. In the last layer both are the
// same.

#include <optional>
#include <string>
#include <vector>

#include "interpretation/ablation.h"

namespace secateur {

struct CircuitEdge {
  size_t layer = 0;  // of `from`
  int64_t from = 0;
  int64_t to = 0;       // a filter of the next layer; 0, the response, from the last layer
  double share = 0;     // see above
  double variance = 0;  // var(contribution) / var(z_b): how strong, whatever others do
  double mean = 0;      // of the contribution over images and places: above 0 it excites `to`
};

struct CircuitFilter {
  size_t layer = 0;
  int64_t filter = 0;
  double share = 0;      // along the weights
  double path_gain = 0;  // see path_gains()
  AblationLoss ablated;  // alone, over the same images
};

struct Circuit {
  std::vector<std::string> layers;     // names of the blocks
  double mean_response = 0;            // over the images
  std::vector<CircuitFilter> filters;  // layer by layer
  std::vector<CircuitEdge> edges;      // by layer, `to`, `from`
  std::vector<Tensor> readout_maps;    // [h, w] of each filter of the last layer, in response units
  // Correlation over filters of `share` with `ablated.share`, per layer; empty for one filter.
  std::vector<std::optional<double>> agreement;
};

// `single` holds every filter of the model alone (ablate(), single_filters()) for these pixels.
// Throws Error(kBadInput) for a model with other blocks than a convolution (the first), separable
// and pointwise ones, for pixels of another shape and fewer than 2 images; and Stopped.
Circuit circuit_of(const LayeredResponse& response, const Tensor& pixels, const Ablation& single,
                   Observer& observer);

}  // namespace secateur
