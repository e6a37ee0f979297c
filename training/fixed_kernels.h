#pragma once
// Kernels that training leaves as they are: a control that asks what the learning of early layers
// is good for.

#include <cstdint>
#include <memory>

#include "models/model.h"
#include "training/hook.h"

namespace secateur {

// After every step the weights of the convolutions of blocks [0, layers) are again what they are in
// `model` now; after a resume too, where `model` is what training began with. Biases, batch norms
// and their statistics are trained. What other hooks do to these weights must come before. Throws
// Error(kBadInput) when the model has fewer blocks.
std::unique_ptr<Hook> fixed_kernels_hook(const Model& model, int64_t layers);

}  // namespace secateur
