#pragma once
// How nonlinear a model is: the spread of its Jacobians over images.
//
// With J_i the gradient of the response by the input at image i, and J its mean over images:
//   s_i       |J_i - J|_1, the sum of absolute differences
//   JNE       standard deviation of s_i over images, divisor n: Jacobian-based nonlinearity
//             evaluation (Gao, Yang, Cheng, Zuo, Liu, Li, Hu, NeurIPS 2025, arXiv 2510.13688)
//   JNE-SS_i  (s_i - mean of s)^2, the part of image i in it ("sample specificity")
//   relative  sqrt(sum |J_i - J|_2^2 / sum |J_i|_2^2), in [0, 1]: ours
// A function that is linear over these images has 0 in all of them. JNE has a unit (response per
// input) and grows with the number of inputs: it compares layers of one size, or images, not layers
// of different sizes; and it is 0 as well where all s_i are alike, as for |x| with as many x on
// either side. `relative` has neither fault: 0 only where no Jacobian differs from the mean, 1
// where they cancel.

#include <span>
#include <string>
#include <vector>

#include "interpretation/pixel_response.h"
#include "tensor/observer.h"

namespace secateur {

struct JacobianSpread {
  std::vector<double> distances;    // s_i
  std::vector<double> specificity;  // JNE-SS_i
  double jne = 0;
  double relative = 0;  // 0 where all Jacobians are 0
};

// Of Jacobians [images, inputs]. Throws Error(kBadInput) for no image.
JacobianSpread jacobian_spread(const Tensor& jacobians);

struct LayerNonlinearity {
  std::string name;       // "pixels", or the block
  JacobianSpread behind;  // of the response as a function of what this layer gives on
  // Of what the block itself does, from its input to its output: |J_i - J| summed over
  // kBlockDirections random directions of the output (elements -1 or 1 from Rng(seed, "jacobian
  // direction", 8 layer + direction)), which estimates it over all outputs. Of `pixels` empty.
  JacobianSpread block;
};

inline constexpr int64_t kBlockDirections = 4;

// Of the pixels and of every block, for images [n, 3, h, w] of 0 to 255. The Jacobians are made
// twice, for their mean and for their distances from it, so that no more than some images' are
// held. The response is in the units of the model's file. Throws Error(kBadInput) as PixelResponse
// does, and for no image.
std::vector<LayerNonlinearity> layer_nonlinearity(const PixelResponse& response,
                                                  const Tensor& pixels, uint64_t seed,
                                                  Observer& observer);

}  // namespace secateur
