#include "models/model.h"

#include <cmath>

#include "models/initialisation.h"
#include "tensor/error.h"

namespace secateur {
namespace {

void check_tensor(const ParameterSpec& spec, const Tensor& tensor) {
  require(tensor.shape() == spec.shape, "model", "wanted {} of shape {}, got {}", spec.name,
          spec.shape, tensor.shape());
  require(tensor.all_finite(), "model", "{} holds a number that is not finite", spec.name);
  if (spec.role != ParameterRole::kMovingVariance) return;
  for (float v : tensor.values()) {
    require(v >= 0, "model", "{} holds a negative variance, {}", spec.name, v);
  }
}

}  // namespace

Model::Model(const Architecture& architecture, uint64_t seed) : architecture_(architecture) {
  architecture_.validate();
  specs_ = parameter_specs(architecture_);
  for (const ParameterSpec& spec : specs_) {
    parameters_.emplace(spec.name, Variable(initial_value(spec, seed), spec.trainable));
  }
}

Model::Model(const Architecture& architecture, const std::map<std::string, Tensor>& tensors)
    : architecture_(architecture) {
  architecture_.validate();
  specs_ = parameter_specs(architecture_);
  for (const ParameterSpec& spec : specs_) {
    const auto found = tensors.find(spec.name);
    require(found != tensors.end(), "model", "the tensor {} {} is missing", spec.name, spec.shape);
    check_tensor(spec, found->second);
    parameters_.emplace(spec.name, Variable(found->second.clone(), spec.trainable));
  }
  require(tensors.size() == specs_.size(), "model",
          "wanted {} tensors, got {}: some belong to another architecture", specs_.size(),
          tensors.size());
}

void Model::set_output_scale(std::vector<double> offset, std::vector<double> gain) {
  architecture_.readout.offset = std::move(offset);
  architecture_.readout.gain = std::move(gain);
  architecture_.validate();
}

const Variable& Model::parameter(const std::string& name) const {
  const auto found = parameters_.find(name);
  require(found != parameters_.end(), "model", "there is no parameter called '{}'", name);
  return found->second;
}

Tensor& Model::tensor(const std::string& name) {
  const auto found = parameters_.find(name);
  require(found != parameters_.end(), "model", "there is no parameter called '{}'", name);
  return found->second.mutable_value();
}

std::map<std::string, Tensor> Model::tensors() const {
  std::map<std::string, Tensor> result;
  for (const auto& [name, variable] : parameters_) result.emplace(name, variable.value());
  return result;
}

Model Model::clone() const {
  Model copy(architecture_, tensors());
  copy.metadata = metadata;
  return copy;
}

Model Model::frozen() const {
  Model constant = *this;
  for (auto& [name, variable] : constant.parameters_) variable = Variable(variable.value());
  return constant;
}

Model Model::with_own_gradients() const {
  Model other = *this;
  for (auto& [name, variable] : other.parameters_) {
    variable = Variable(variable.value(), variable.requires_grad());
  }
  return other;
}

}  // namespace secateur
