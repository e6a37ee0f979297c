#pragma once
// batch_norm: every channel of x [n, c, h, w] brought to mean 0 and variance 1, then scaled by
// gamma [c] and moved by beta [c]:
//   y = gamma (x - mean) / sqrt(variance + epsilon) + beta,  and max(y, 0) with relu.
//
// training: mean and biased variance of the batch over (n, h, w); and, as Keras does,
//   moving_mean     = momentum moving_mean     + (1 - momentum) (batch mean + shift)
//   moving_variance = momentum moving_variance + (1 - momentum) biased batch variance
// evaluation: the moving statistics, which are constants; with x + shift in the place of x.
//
// shift [c] is the bias of the convolution in front. Batch statistics take it away again, so in
// training it leaves y as it is and its gradient is exactly zero; computed, the gradient would be
// rounding noise, which Adam turns into steps of the size of the learning rate. It is therefore no
// input of this operation: it is a constant of published files that only the moving mean knows of.
//
// Statistics: two sweeps over each plane (mean, then centred squares), planes merged in sample
// order in double by the pairwise update of Chan, Golub, LeVeque, "Updating formulae and a pairwise
// algorithm for computing sample variances", Stanford STAN-CS-79-773 (1979).
//
// vjp, training, with xhat = (x - mean) / sqrt(variance + epsilon), m = n h w, and dy zero where
// relu cut y off:
//   dbeta = sum dy, dgamma = sum dy xhat,
//   dx = gamma / sqrt(variance + epsilon) (dy - dbeta / m - xhat dgamma / m)
// In evaluation the two corrections of dx vanish. Keeps four numbers per channel; what relu cut
// off is found again from x.
//
// Throws Error for shapes other than these, for epsilon <= 0 or a momentum outside [0, 1], and for
// training without a single value per channel; the state is then as it was.

#include "autograd/variable.h"

namespace secateur {

// Handles: the model holds the same tensors, and training writes through them.
struct BatchNormState {
  Tensor moving_mean;      // [c]
  Tensor moving_variance;  // [c]
  Tensor shift;            // [c], or empty for zero
};

struct BatchNormOptions {
  bool training = true;
  double epsilon = 1e-3;
  double momentum = 0.99;
  bool relu = false;
};

Variable batch_norm(const Variable& x, const Variable& gamma, const Variable& beta,
                    BatchNormState& state, const BatchNormOptions& options = {});

}  // namespace secateur
