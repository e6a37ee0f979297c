#pragma once
// An optimiser that solves for its update: the Gauss-Newton step of the squared error on a batch,
// damped, with momentum.
//
// Of n images let e be what the targets [n] have beyond the responses and J [n, parameters] the
// derivatives of the responses. The update rate * v has
//   v = argmin |J v - e|^2 + damping (tr K / n) |(v - momentum u) / s|^2
//     = momentum u + S J^T (K + damping (tr K / n) I)^-1 (e - momentum J u),   K = J S J^T
// with u the v before, s the scale of each parameter and S = diag(s^2): an n x n system however
// many parameters there are. Source: natural gradients for few samples by the Woodbury identity
// (Ren and Goldfarb, "Efficient subsampled Gauss-Newton and natural gradient methods for training
// neural networks", 2019), the momentum inside of the least squares as in SPRING (Goldshlager,
// Abrahamsen and Lin, J. Comput. Phys. 516:113351, 2024). The scale of a parameter is the root mean
// square of the values of its tensor, plus 1e-3: a change counts by what it is of the values that
// are there.
//
// Responses are those of evaluation: batch norms use their moving statistics and leave them as they
// are, so that the response to an image depends on that image alone. A model whose statistics are
// not those of its images wants them first (models/recalibrate.h).

#include <memory>

#include "training/optimiser.h"

namespace secateur {

struct GaussNewtonOptions {
  double damping = 0.1;    // above 0
  double momentum = 0.95;  // in [0, 1)
};

// Learns the squared error of models of one output, all parameters at once; Error(kUsage) for any
// other objective, and for options out of range. Images whose target is NaN do not count; where
// none is left the model stays as it is, with a loss of 0. Derivatives too large for their products
// leave it too, with an infinite loss.
std::unique_ptr<Optimiser> make_gauss_newton(const GaussNewtonOptions& options = {});

// The response of a model of one output to each image, and its derivatives by every trainable
// parameter, in the order of model.specs().
struct ResponseJacobian {
  std::vector<double> responses;  // [n]
  Tensor rows;                    // [n, parameters]
};
ResponseJacobian response_jacobian(const Model& model, const Tensor& images);

}  // namespace secateur
