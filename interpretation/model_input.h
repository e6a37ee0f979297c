#pragma once
// Pixels as a model reads them.

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

// Throws Error(kBadInput) unless pixels are [n, channels, h, w] of that input, all finite.
void check_pixels(const Tensor& pixels, const InputSpec& input);

// Pixels [n, channels, h, w] less the channel means of the input.
Tensor without_mean(const Tensor& pixels, const InputSpec& input);

}  // namespace secateur
