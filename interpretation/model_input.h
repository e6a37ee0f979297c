#pragma once
// Pixels as a model reads them, and responses that can be counted with.

#include <span>

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

// Throws Error(kBadInput) unless pixels are [n, channels, h, w] of that input, all finite.
void check_pixels(const Tensor& pixels, const InputSpec& input);

// Throws Error(kBadInput) unless all are finite: with weights that are too large responses are not,
// and no number that is made of them could be drawn or written.
void check_responses(std::span<const double> responses);
void check_responses(std::span<const float> responses);

// Pixels [n, channels, h, w] less the channel means of the input.
Tensor without_mean(const Tensor& pixels, const InputSpec& input);

}  // namespace secateur
