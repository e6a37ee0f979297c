#pragma once
// Moving statistics measured anew.

#include <functional>

#include "models/model.h"

namespace secateur {

// Calls body(images [n, 3, h, w]) for every batch.
using BatchVisitor = std::function<void(const std::function<void(const Tensor&)>& body)>;

// Sets the moving statistics of every batch norm to the means of its batch statistics over these
// batches, the later ones weighing a little more (by 1 / 0.99 each): the bias-corrected running
// mean that training would have reached from nothing. A short training leaves the statistics of the
// network before it, and evaluation with those is of no network at all. Throws Error for no batch;
// the model is then as it was.
void recalibrate(Model& model, const BatchVisitor& batches);

}  // namespace secateur
