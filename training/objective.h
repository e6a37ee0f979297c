#pragma once
// What a training loop makes small: a loss of responses against targets.

#include <string>

#include "models/model.h"

namespace secateur {

// kPoisson: responses and targets are relative to a neuron's mean response m, (y - m) / m. The loss
// is that of Poisson counts, rate - count log rate (poisson_loss.h), of y / m, the rate by a
// softplus of what the model responds: the same but near 0, where it stays above. The model itself
// stays without the softplus.
enum class Loss { kMeanSquaredError, kPoisson };
Loss parse_loss(const std::string& name);  // "squared", "poisson"; else Error(kUsage)

struct Objective {
  Loss loss = Loss::kMeanSquaredError;
  // False: blocks stay as they are, with their moving statistics, and only the readout is fitted.
  bool train_blocks = true;
};

// The loss [1] of a batch, images [n, 3, h, w] against targets [n, outputs]; those that are NaN do
// not count. Batch norms take the batch's statistics, unless blocks stay as they are.
Variable loss_of(const Model& model, const Tensor& images, const Tensor& targets,
                 const Objective& objective);

}  // namespace secateur
