#pragma once
// Noise to begin an ascent from.

#include "models/architecture.h"
#include "tensor/tensor.h"

namespace secateur {

// Images [count, 3, h, w] of noise, uniform from 128 to 178; number i from the stream (seed, "noise
// start", i), whatever the count.
Tensor noise_starts(const InputSpec& input, int64_t count, uint64_t seed);

}  // namespace secateur
