#pragma once
// Images to begin an ascent from.

#include "interpretation/noise_starts.h"
#include "interpretation/pixel_files.h"
#include "models/model.h"

namespace secateur {

// Of the images [n, 3, h, w] the `best` with the largest responses [n], in `count` clusters by what
// the readout reads (item_groups() of representation/item_groups.h); the mean image of each
// cluster, the largest first (Nguyen, Yosinski and Clune, 2016: facets of what a unit wants).
// Throws Error(kUsage) for more clusters than images.
struct Facets {
  Tensor starts;                             // [count, 3, h, w]
  std::vector<std::vector<int64_t>> images;  // of each cluster
};
Facets facet_starts(const Model& model, const Tensor& images, const std::vector<double>& responses,
                    int64_t best, int64_t count, uint64_t seed);

}  // namespace secateur
