#pragma once
// How much an error of each weight shows in the response.
//
// To first order an error e of the weights changes the response to image n by J_n e, with J_n the
// gradient. What counts is the part of it that a squared correlation sees: centred over the images,
// without the component along the response itself (a gain), relative to the variance of the
// response. Errors of quantisation are nearly independent, so the sum over weights of
// importance * e^2 predicts one minus the squared correlation with the uncompressed model.

#include <vector>

#include "models/model.h"
#include "tensor/observer.h"

namespace secateur {

// Per tensor, in the order of the model's specs(): importance of each weight, and of each
// coefficient of the cosine transform (empty when the tensor cannot be transformed).
struct TensorImportance {
  std::vector<double> plain;
  std::vector<double> transformed;
};

// Responses [n, outputs] of the batches put behind one another. The observer is asked before every
// batch and hears of the images answered.
Tensor respond(const Model& model, const std::vector<Tensor>& batches, Observer& observer);

// From one gradient per image of the first `most_images` images, for a model without batch norms;
// `responses` are its responses to the batches. For several outputs the average over outputs, each
// relative to its own variance, from probes of random signs (stream "compression/probe" of `seed`);
// outputs that do not vary are left out. The bits do not depend on the number of threads. The
// observer is asked every few images and hears of those measured.
std::vector<TensorImportance> measure_importance(const Model& folded,
                                                 const std::vector<Tensor>& batches,
                                                 const Tensor& responses, int64_t most_images,
                                                 uint64_t seed, Observer& observer);

// One minus the squared correlation between two sets of responses [n, outputs], averaged over the
// outputs that vary in `wanted`. Throws Error(kBadInput) when none does.
double response_loss(const Tensor& wanted, const Tensor& given);

}  // namespace secateur
