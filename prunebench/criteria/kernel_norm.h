#pragma once
// The norm of a filter's kernel (Li, Kadav, Durdanovic, Samet and Graf, "Pruning filters for
// efficient ConvNets", ICLR 2017).
//
// Of a convolution the kernel is w[f], as it stands: batch norms are not folded into it, as there.
// A separable layer is the convolution with kernels w[f, c] = p[f, c] d[c], p its pointwise and d
// its depthwise weights, so
//   L1(f) = sum over c of |p[f, c]| sum |d[c]|,   L2(f)^2 = sum over c of p[f, c]^2 sum d[c]^2.
// No image is looked at.

#include "prunebench/criterion.h"

namespace secateur {

FilterScores l1_scores(const CriterionInput& input);
FilterScores l2_scores(const CriterionInput& input);

}  // namespace secateur
