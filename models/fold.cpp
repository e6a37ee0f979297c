// Batch norms folded into weights, and outputs selected.

#include <cmath>

#include "models/model.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// y = gamma (x + b - mean) / sqrt(var + eps) + beta, with x linear in the kernel: the kernel of
// each filter is scaled and the rest becomes its bias.
void fold_one(const std::string& prefix, const std::string& kernel_name,
              const std::string& bias_name, double epsilon, const Model& model,
              std::map<std::string, Tensor>& folded) {
  Tensor kernel = model.tensor(kernel_name).clone();
  Tensor bias = model.tensor(bias_name).clone();
  const Tensor& gamma = model.tensor(prefix + ".bn.gamma");
  const Tensor& beta = model.tensor(prefix + ".bn.beta");
  const Tensor& mean = model.tensor(prefix + ".bn.moving_mean");
  const Tensor& variance = model.tensor(prefix + ".bn.moving_variance");
  const int64_t filters = kernel.dim(0);
  const int64_t per_filter = kernel.numel() / filters;
  for (int64_t f = 0; f < filters; ++f) {
    const double scale = gamma[f] / std::sqrt(variance[f] + epsilon);
    for (int64_t i = 0; i < per_filter; ++i) {
      float& w = kernel[f * per_filter + i];
      w = static_cast<float>(w * scale);
    }
    bias[f] = static_cast<float>(beta[f] + (double{bias[f]} - mean[f]) * scale);
  }
  folded[kernel_name] = kernel;
  folded[bias_name] = bias;
  for (const char* leaf : {"gamma", "beta", "moving_mean", "moving_variance"}) {
    folded.erase(prefix + ".bn." + leaf);
  }
}

}  // namespace

Model fold_batch_norm(const Model& model) {
  std::map<std::string, Tensor> folded = model.tensors();
  Architecture architecture = model.architecture();
  for (Block& block : architecture.blocks) {
    if (block.norm == Norm::kNone) continue;
    const auto pointwise = [&](const std::string& prefix) {
      fold_one(prefix, prefix + ".pointwise.weight", prefix + ".pointwise.bias", block.epsilon,
               model, folded);
    };
    switch (block.kind) {
      case BlockKind::kConv:
        fold_one(block.name, block.name + ".conv.weight", block.name + ".conv.bias", block.epsilon,
                 model, folded);
        break;
      case BlockKind::kSeparable:
      case BlockKind::kPointwise:
        pointwise(block.name);
        break;
      case BlockKind::kResidual:
        pointwise(block.name + ".a");
        pointwise(block.name + ".b");
        break;
    }
    block.norm = Norm::kNone;
    block.epsilon = kPublishedEpsilon;
  }
  Model result(architecture, folded);
  result.metadata = model.metadata;
  return result;
}

Model select_outputs(const Model& model, int64_t begin, int64_t end) {
  const int64_t outputs = model.architecture().readout.outputs;
  require(begin >= 0 && begin < end && end <= outputs, "model",
          "wanted outputs within 0:{}, got {}:{}", outputs, begin, end);
  Architecture architecture = model.architecture();
  Readout& readout = architecture.readout;
  readout.outputs = end - begin;
  if (!readout.gain.empty()) {
    readout.gain = {readout.gain.begin() + begin, readout.gain.begin() + end};
    readout.offset = {readout.offset.begin() + begin, readout.offset.begin() + end};
  }
  std::map<std::string, Tensor> tensors = model.tensors();
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with("readout.")) tensor = tensor.rows(begin, end);
  }
  Model result(architecture, tensors);
  result.metadata = model.metadata;
  return result;
}

}  // namespace secateur
