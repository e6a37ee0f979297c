#pragma once
// poisson_loss: the mean over all elements [n, k] of the negative log-likelihood of spike counts,
// without the term that does not depend on the rate; the value has shape [1].
//   rate - count log(rate + epsilon)      rate: expected counts, at least 0 (Keras: epsilon 1e-7)
//   exp(r) - count r                      with log_input, where r is the log of the rate
//   the first, of rate = log(1 + exp(s r)) / s     with softplus = s above 0 (Dugas et al., NIPS
//                                         2000): r itself where s r is large, and never below 0
// The sum is made in double, in the order of the elements.
//
// skip_nan_counts: counts that are NaN (a neuron was not recorded for this image) neither count nor
// receive a gradient; the mean is over the others, and 0 when there are none.
//
// vjp: drate = dy (1 - count / (rate + epsilon)) / size, or dy (exp(r) - count) / size; with
//      softplus the first times 1 / (1 + exp(-s r));
//      dcount = -dy log(rate + epsilon) / size, or -dy r / size. Keeps nothing for backward.
// Throws Error when the shapes differ, are not [n, k] or hold no element, epsilon or softplus is
// below 0, or log_input and softplus are both asked for.

#include "autograd/variable.h"

namespace secateur {

struct PoissonLossOptions {
  double epsilon = 1e-7;
  bool log_input = false;
  double softplus = 0;  // sharpness; 0: none
  bool skip_nan_counts = false;
};

Variable poisson_loss(const Variable& rate, const Variable& count,
                      const PoissonLossOptions& options = {});

}  // namespace secateur
