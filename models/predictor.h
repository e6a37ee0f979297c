#pragma once
// Prediction with a trained model: batch norm folded, no graph.

#include <memory>
#include <vector>

#include "models/model.h"

namespace secateur {

// Responses [n, outputs] of images [n, 3, h, w] on the scale of the file (spike counts where the
// model was trained on them). A chain of a convolution and separable or pointwise layers runs in
// fused steps whose large maps never reach memory, on all threads for one image as for many; any
// other architecture runs operation by operation. In fused steps the response to an image has the
// same bits whatever stands beside it in the batch; always on any number of threads.
class Predictor {
 public:
  explicit Predictor(const Model& model);
  Tensor operator()(const Tensor& images) const;
  int64_t outputs() const { return folded_.architecture().readout.outputs; }
  const InputSpec& input() const { return folded_.architecture().input; }
  // Whether the fused steps run.
  bool fused() const { return steps_ != nullptr; }
  // The same function, operation by operation.
  Tensor by_operations(const Tensor& images) const;

 private:
  struct Steps;
  void check(const Tensor& images) const;
  Tensor scaled(Tensor responses) const;

  Model folded_;
  std::shared_ptr<const Steps> steps_;
};

// Responses of several models to the same images, [n, outputs] for each model: what each would
// give alone. The threads share the models and the images.
std::vector<Tensor> predict_population(const std::vector<Predictor>& models, const Tensor& images);

}  // namespace secateur
