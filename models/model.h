#pragma once
// A model: an architecture and its tensors, by name.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "autograd/variable.h"
#include "models/architecture.h"
#include "ops/batch_norm/batch_norm.h"
#include "tensor/tensor.h"

namespace secateur {

enum class Mode {
  kTraining,    // batch norm uses the statistics of the batch and updates the moving ones
  kEvaluation,  // batch norm uses the moving statistics
};

class Model {
 public:
  // Fresh parameters. Kernels are Glorot-uniform (Glorot and Bengio 2010), as in Keras, each from
  // the stream (seed, "initialisation/<parameter name>"); biases, betas and moving means 0; gammas
  // and moving variances 1.
  Model(const Architecture& architecture, uint64_t seed);
  // Throws Error(kBadInput) unless the tensors are exactly those of parameter_specs(), all finite,
  // with moving variances of at least 0.
  Model(const Architecture& architecture, const std::map<std::string, Tensor>& tensors);

  const Architecture& architecture() const { return architecture_; }
  // Offset and gain of the responses, one per output.
  void set_output_scale(std::vector<double> offset, std::vector<double> gain);

  const std::vector<ParameterSpec>& specs() const { return specs_; }
  const Variable& parameter(const std::string& name) const;  // throws Error on an unknown name
  Tensor& tensor(const std::string& name);
  const Tensor& tensor(const std::string& name) const { return parameter(name).value(); }
  std::map<std::string, Tensor> tensors() const;  // handles, not copies
  Model clone() const;
  // The same tensors as constants: forward() then records no graph.
  Model frozen() const;
  // The same tensors, whose gradients are no others': for graphs on several threads at once.
  Model with_own_gradients() const;

  // Where the model comes from and what it was fitted on; travels with its file.
  nlohmann::json metadata = nlohmann::json::object();

  // Images [n, 3, h, w], channel means subtracted, to [n, outputs] on the scale of training (offset
  // and gain are not applied).
  Variable forward(const Variable& images, Mode mode) const;
  // Blocks [first, last) alone; what block `first` reads to what block `last` reads.
  Variable forward_blocks(const Variable& x, size_t first, size_t last, Mode mode) const;
  Variable forward_readout(const Variable& x) const;

 private:
  // What a convolution gave and the norm that follows it, not yet computed: the depthwise
  // convolution behind it does both in one sweep.
  struct Pending {
    Variable x;
    std::string prefix;
    std::string bias;
    Norm norm = Norm::kNone;
    double epsilon = kPublishedEpsilon;
    Activation activation = Activation::kLinear;
    bool finished = false;  // x is the output already
  };
  Variable finish(const Pending& pending, Mode mode) const;
  Variable depthwise(const Pending& pending, const std::string& prefix, const Block& block,
                     Mode mode) const;
  Pending separable(const Pending& from, const std::string& prefix, const Block& block,
                    Activation activation, Mode mode) const;
  Pending forward_block(const Pending& from, const Block& block, Mode mode) const;
  Pending residual(const Pending& from, const Block& block, Mode mode) const;
  BatchNormState norm_state(const std::string& prefix, const std::string& bias) const;

  Architecture architecture_;
  std::vector<ParameterSpec> specs_;
  std::map<std::string, Variable> parameters_;
};

// The same function without batch norms: each is folded into the convolution in front of it.
Model fold_batch_norm(const Model& model);

// The model with only these outputs of its readout, in this order. Throws Error when there is none,
// or one that the model has not.
Model select_outputs(const Model& model, const std::vector<int64_t>& outputs);

}  // namespace secateur
