#pragma once
// mse_loss: the mean of (prediction - target)^2 over all elements, for prediction and target [n,
// k]; the value has shape [1]. The sum is made in double, in the order of the elements.
//
// skip_nan_targets: targets that are NaN (a neuron was not recorded for this image) neither count
// nor receive a gradient; the mean is over the others, and 0 when there are none.
//
// vjp: dprediction = 2 dy (prediction - target) / count, dtarget = -dprediction. Keeps nothing.
// Throws Error when the shapes differ, are not [n, k] or hold no element.

#include "autograd/variable.h"

namespace secateur {

struct MseLossOptions {
  bool skip_nan_targets = false;
};

Variable mse_loss(const Variable& prediction, const Variable& target,
                  const MseLossOptions& options = {});

}  // namespace secateur
