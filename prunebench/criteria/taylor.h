#pragma once
// The change of the loss when a filter goes, to first order (Molchanov, Mallya, Tyree, Frosio and
// Kautz, "Importance estimation for neural network pruning", CVPR 2019, with gates behind the batch
// norms). With a gate g on the filter's activations and the loss L = (r - t)^2 of an image, r the
// response and t the teacher's,
//   score(f) = mean over images of (dL/dg)^2,   dL/dg = 2 (r - t) dr/dg   at g = 1.
// There gradients are averaged over a batch before they are squared; here a batch is one image, so
// that the score does not depend on how images are put together. One order for all layers.

#include "prunebench/criterion.h"

namespace secateur {

// In the fourth power of the units that the network learns in (z-scores).
FilterScores taylor_scores(const CriterionInput& input);

}  // namespace secateur
