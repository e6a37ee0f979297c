#pragma once
// The fused steps of a chain (ops/dense_depthwise/dense_depthwise.h).

#include <vector>

#include "models/model.h"
#include "ops/dense_depthwise/dense_depthwise.h"

namespace secateur {

// Of a model without batch norms, one step for each block: block i without its own depthwise part,
// and with the depthwise part of the block behind it. Step after step, images become what the
// readout reads. None where the blocks are not a convolution of few channels (or none) and then
// separable or pointwise layers.
std::vector<DenseDepthwise> fused_chain(const Model& folded);

}  // namespace secateur
