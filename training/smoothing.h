#pragma once
// The smoothing of kernels during distillation (method.md): a Gaussian of `sigma` pixels over each
// depthwise kernel of the separable blocks and over the maps of a dense readout. The first
// convolution is left as it is.

#include "models/model.h"

namespace secateur {

// A map is extended by zeros outside, as for an image; weights are normalised to sum to 1.
void gaussian_blur(float* map, int64_t height, int64_t width, double sigma);

void smooth_kernels(Model& model, double sigma);

}  // namespace secateur
