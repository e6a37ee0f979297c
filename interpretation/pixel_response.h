#pragma once
// The response of one output of a model as a function of pixels, with its gradient.

#include "models/model.h"

namespace secateur {

// Responses and gradients of several images at once: [n] and [n, 3, h, w].
struct ResponseGradient {
  Tensor responses;
  Tensor gradient;
};

// Pixels are images [n, 3, h, w] of numbers from 0 to 255, the channel means not subtracted; they
// need not be whole. Responses are on the scale of the model's file. The result for an image has
// the same bits whatever stands beside it, and on any number of threads.
class PixelResponse {
 public:
  // Throws Error(kUsage) when the model has no such output.
  explicit PixelResponse(const Model& model, int64_t output = 0);

  const InputSpec& input() const { return model_.architecture().input; }
  // The model with that output alone, batch norms folded, its tensors constants.
  const Model& model() const { return model_; }

  // Both throw Error(kBadInput) for pixels of another shape and for any that is not finite.
  Tensor responses(const Tensor& pixels) const;  // [n]
  ResponseGradient gradient(const Tensor& pixels) const;

 private:
  Model model_;
};

}  // namespace secateur
