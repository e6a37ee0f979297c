#pragma once
// factorised_readout: per output a mixture of the channels, then a map over the pixels,
//   m[n, o, h, w] = sum_c mixing[o, c] x[n, c, h, w] + mixing_bias[o]
//   y[n, o] = sum over h, w of m[n, o, h, w] spatial[o, h, w] + bias[o]
// for x [n, c, h, w], mixing [outputs, c], mixing_bias [outputs], spatial [outputs, h, w], bias
// [outputs]; the value is [n, outputs].
//
// The sums are reordered so that m is never made:
//   y[n, o] = sum_c mixing[o, c] z[n, c, o] + mixing_bias[o] sum_p spatial[o, p] + bias[o],
//   z[n, c, o] = sum_p x[n, c, p] spatial[o, p]
// and both weight gradients come from g[o, c, p] = sum_n dy[n, o] x[n, c, p], made for some outputs
// and channels at a time:
//   dmixing[o, c] = sum_p g[o, c, p] spatial[o, p], dspatial[o, p] = sum_c mixing[o, c] g[o, c, p]
//   + mixing_bias[o] dbias[o], dmixing_bias[o] = dbias[o] sum_p spatial[o, p], dbias = sum_n dy,
//   dx[n, c, p] = sum_o dy[n, o] mixing[o, c] spatial[o, p].
// That is one matrix product forward and two backward where the literal order needs one and three.
// Keeps nothing for backward. Throws Error for other shapes.

#include "autograd/variable.h"

namespace secateur {

Variable factorised_readout(const Variable& x, const Variable& mixing, const Variable& mixing_bias,
                            const Variable& spatial, const Variable& bias);

}  // namespace secateur
