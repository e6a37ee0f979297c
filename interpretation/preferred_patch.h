#pragma once
// What drives a filter most: the part of an image that it sees where its map is largest.

#include <vector>

#include "interpretation/layered_response.h"

namespace secateur {

struct PreferredPatch {
  size_t layer = 0;
  int64_t filter = 0;
  double value = 0;   // of the map there; 0: no image drives the filter
  int64_t image = 0;  // of the images
  int64_t top = 0;    // pixels of the image where the patch begins, which may lie outside
  int64_t left = 0;   // likewise
  Tensor pixels;      // [3, side, side], side that of what one place of the layer sees
};

// Of every filter of every layer, layer by layer; maps are those that a block gives on, behind its
// ReLU. Only places that see nothing but the image count, as long as a layer has any: at the border
// a filter sees the edge that padding makes. Outside of the image a patch has the channel means. Of
// equal values the first image and place. Pixels [n, 3, h, w], n at least 1. Throws
// Error(kBadInput) for pixels of another shape and for residual blocks, and Stopped.
std::vector<PreferredPatch> preferred_patches(const LayeredResponse& response, const Tensor& pixels,
                                              Observer& observer);

}  // namespace secateur
