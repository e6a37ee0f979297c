#pragma once
// Structured removal: whole filters leave the network, with everything that belongs to them.

#include <vector>

#include "models/model.h"

namespace secateur {

// Throws Error unless every block is a conv (the first) or separable, as in a student: filters of
// residual and pointwise blocks are tied to others.
void require_prunable(const Architecture& architecture);

// The model with only the filters `kept` (ascending) of block `layer`. A filter that goes takes
// with it its row and bias in its own block, its entries in the batch norm, its depthwise kernel
// and its column in the next block, or its map (dense) or mixing weight (factorised) in the
// readout.
Model keep_filters(const Model& model, size_t layer, const std::vector<int64_t>& kept);

// The same network in which the other filters of block `layer` are still computed but nothing reads
// them: their depthwise kernels, or their part of the readout, are zero. It must respond as
// keep_filters() does, up to rounding.
Model mask_filters(const Model& model, size_t layer, const std::vector<int64_t>& kept);

}  // namespace secateur
