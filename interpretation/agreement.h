#pragma once
// How alike images are that were found from different starts.

#include "models/model.h"
#include "tensor/tensor.h"

namespace secateur {

struct Agreement {
  double pixels = 1;  // mean correlation of two images' pixels
  double maps = 1;    // of what the readout reads: alike where the model sees no difference
};

// Over all pairs of the images [n, 3, h, w] of pixels; one image agrees with itself. A pair of
// which one is constant counts as 0.
Agreement agreement_of(const Model& model, const Tensor& pixels);

}  // namespace secateur
