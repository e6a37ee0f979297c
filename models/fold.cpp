// Batch norms folded into weights, and outputs selected.

#include <algorithm>
#include <cmath>
#include <vector>

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

Tensor chosen_rows(const Tensor& from, const std::vector<int64_t>& rows) {
  const auto shape = from.shape().extents();
  std::vector<int64_t> extents(shape.begin(), shape.end());
  const int64_t values = from.numel() / extents.front();
  extents.front() = static_cast<int64_t>(rows.size());
  Tensor to{Shape(extents)};
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(from.data() + rows[i] * values, values,
                to.data() + static_cast<int64_t>(i) * values);
  }
  return to;
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

Model select_outputs(const Model& model, const std::vector<int64_t>& outputs) {
  const Readout& whole = model.architecture().readout;
  require(!outputs.empty(), "model", "wanted at least one output");
  for (const int64_t output : outputs) {
    require(output >= 0 && output < whole.outputs, "model", "wanted an output of 0 to {}, got {}",
            whole.outputs - 1, output);
  }
  Architecture architecture = model.architecture();
  architecture.readout = {.kind = whole.kind, .outputs = static_cast<int64_t>(outputs.size())};
  if (!whole.gain.empty()) {
    for (const int64_t output : outputs) {
      architecture.readout.gain.push_back(whole.gain[static_cast<size_t>(output)]);
      architecture.readout.offset.push_back(whole.offset[static_cast<size_t>(output)]);
    }
  }
  std::map<std::string, Tensor> tensors = model.tensors();
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with("readout.")) tensor = chosen_rows(tensor, outputs);
  }
  Model result(architecture, tensors);
  result.metadata = model.metadata;
  return result;
}

}  // namespace secateur
