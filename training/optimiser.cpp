#include "training/optimiser.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"
#include "tensor/error.h"
#include "training/gauss_newton.h"

namespace secateur {
namespace {

class Adam : public GradientOptimiser {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}

 protected:
  void update(const std::string& name, Tensor& weight, const Tensor& grad, double rate) override {
    Tensor& first = moment(name + "/first", weight.shape());
    Tensor& second = moment(name + "/second", weight.shape());
    const double t = static_cast<double>(updates_);
    const double step =
        rate * std::sqrt(1 - std::pow(options_.beta2, t)) / (1 - std::pow(options_.beta1, t));
    // In double: the cost is nothing beside the gradient, and 1 - 0.999f is off by 5e-5 of itself.
    for_each_block(weight.numel(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const double g = grad[i];
        const double m = first[i] + (g - first[i]) * (1 - options_.beta1);
        const double v = second[i] + (g * g - second[i]) * (1 - options_.beta2);
        weight[i] = static_cast<float>(weight[i] - step * m / (std::sqrt(v) + options_.epsilon));
        first[i] = static_cast<float>(m);
        second[i] = static_cast<float>(v);
      }
    });
  }

 private:
  AdamOptions options_;
};

class Sgd : public GradientOptimiser {
 public:
  explicit Sgd(const SgdOptions& options) : options_(options) {}

 protected:
  void update(const std::string& name, Tensor& weight, const Tensor& grad, double rate) override {
    Tensor& velocity = moment(name + "/velocity", weight.shape());
    const float momentum = static_cast<float>(options_.momentum);
    const float lr = static_cast<float>(rate);
    const float clip = options_.clip > 0 ? static_cast<float>(options_.clip) : HUGE_VALF;
    for_each_block(weight.numel(), [&](int64_t begin, int64_t end) {
      float* const w = weight.data();
      float* const v = velocity.data();
      const float* const g = grad.data();
      for (int64_t i = begin; i < end; ++i) {
        v[i] = momentum * v[i] - lr * std::clamp(g[i], -clip, clip);
        w[i] += v[i];
      }
    });
  }

 private:
  SgdOptions options_;
};

}  // namespace

double GradientOptimiser::learn(Model& model, const Tensor& images, const Tensor& targets,
                                const Objective& objective, double learning_rate) {
  const Variable loss = loss_of(model, images, targets, objective);
  backward(loss);
  step(model, learning_rate);
  return loss.value()[0];
}

void GradientOptimiser::step(const std::string& name, Variable parameter, double learning_rate) {
  if (!parameter.has_grad()) return;
  update(name, parameter.mutable_value(), parameter.grad(), learning_rate);
  parameter.clear_grad();
}

void GradientOptimiser::step(Model& model, double learning_rate) {
  ++updates_;
  for (const ParameterSpec& spec : model.specs()) {
    step(spec.name, model.parameter(spec.name), learning_rate);
  }
}

void GradientOptimiser::step(const std::map<std::string, Variable>& parameters,
                             double learning_rate) {
  ++updates_;
  for (const auto& [name, parameter] : parameters) step(name, parameter, learning_rate);
}

Tensor& Optimiser::moment(const std::string& name, const Shape& shape) {
  const auto found = state_.find(name);
  if (found != state_.end()) return found->second;
  return state_.emplace(name, Tensor::zeros(shape)).first->second;
}

void Optimiser::restore(const Model& model, std::map<std::string, Tensor> state, int64_t updates) {
  for (const auto& [name, tensor] : state) {
    const Tensor& weight = model.tensor(name.substr(0, name.rfind('/')));
    require(tensor.shape() == weight.shape(), "optimiser", "wanted {} of shape {}, got {}", name,
            weight.shape(), tensor.shape());
  }
  require(updates >= 0, "optimiser", "wanted a count of updates, got {}", updates);
  state_ = std::move(state);
  updates_ = updates;
}

std::unique_ptr<GradientOptimiser> make_adam(const AdamOptions& options) {
  return std::make_unique<Adam>(options);
}

std::unique_ptr<GradientOptimiser> make_sgd(const SgdOptions& options) {
  return std::make_unique<Sgd>(options);
}

std::unique_ptr<Optimiser> make_optimiser(const std::string& name) {
  if (name == kAdam) return make_adam();
  if (name == kSgd) return make_sgd();
  if (name == kGaussNewton) return make_gauss_newton();
  fail(ErrorKind::kUsage, "optimiser", "wanted adam, sgd or gauss_newton, got '{}'", name);
}

}  // namespace secateur
