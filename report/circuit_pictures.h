#pragma once
// Kernels, patches and readout maps as pictures of a circuit's page.

#include <string>

#include "interpretation/circuit_study.h"

namespace secateur {

// An <image> with a <title>, its pixels as squares; `pixels` [3, h, w] or [1, 3, h, w] of 0..255.
std::string circuit_image(const Tensor& pixels, double x, double y, double side,
                          const std::string& title);
// Weights [3, k, k] in colour or [h, w] in grey: 0 is mid-grey, `largest` white, -`largest` black.
std::string circuit_weights(const Tensor& weights, double largest, double x, double y, double side,
                            const std::string& title);
// The largest magnitude among the weights that are finite; 0 of none.
double largest_weight(const Tensor& weights);

}  // namespace secateur
