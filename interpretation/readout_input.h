#pragma once
// What the readout of a model reads.

#include <vector>

#include "models/model.h"

namespace secateur {

// The maps in front of the readout, one row of numbers for each image [n, 3, h, w] of pixels
// 0..255.
std::vector<std::vector<double>> readout_input(const Model& model, const Tensor& pixels);

}  // namespace secateur
