#pragma once
// What changes a model by a batch: by the gradient of the loss, as Keras defines it (method.md:
// Adam for students, SGD for the ensemble), or by all gradients of its responses (gauss_newton.h).

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "models/model.h"
#include "tensor/tensor.h"
#include "training/objective.h"

namespace secateur {

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  // One update of every trainable parameter by a batch: images [n, 3, h, w], targets [n, outputs].
  // Returns the loss before it; where that is not finite the model is not to be used any more.
  virtual double learn(Model& model, const Tensor& images, const Tensor& targets,
                       const Objective& objective, double learning_rate) = 0;

  // The moments by name ("<parameter>/first"), and the number of updates made so far.
  const std::map<std::string, Tensor>& state() const { return state_; }
  int64_t updates() const { return updates_; }
  // Throws Error when a moment has another shape than its parameter in `model`.
  void restore(const Model& model, std::map<std::string, Tensor> state, int64_t updates);

 protected:
  Tensor& moment(const std::string& name, const Shape& shape);  // zeros when new
  int64_t updates_ = 0;                                         // counts the one being made

 private:
  std::map<std::string, Tensor> state_;
};

// Goes by the gradient of the loss, parameter by parameter.
class GradientOptimiser : public Optimiser {
 public:
  double learn(Model& model, const Tensor& images, const Tensor& targets,
               const Objective& objective, double learning_rate) override;
  // One update of every trainable parameter of the model from its gradient, which is then cleared.
  // A parameter without a gradient (it did not take part) stays as it is.
  void step(Model& model, double learning_rate);
  // The same of parameters by name, for what is no model.
  void step(const std::map<std::string, Variable>& parameters, double learning_rate);

 protected:
  virtual void update(const std::string& name, Tensor& weight, const Tensor& grad, double rate) = 0;

 private:
  void step(const std::string& name, Variable parameter, double learning_rate);
};

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
};

struct SgdOptions {
  double momentum = 0.75;
  double clip = 0.5;  // every element of a gradient is limited to [-clip, clip]; 0: not limited
};

// w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps), with m and v the running means of the
// gradient and its square (Kingma and Ba 2015, in the form of Keras).
std::unique_ptr<GradientOptimiser> make_adam(const AdamOptions& options = {});
// v = momentum v - lr clip(g); w += v.
std::unique_ptr<GradientOptimiser> make_sgd(const SgdOptions& options = {});

inline constexpr const char* kAdam = "adam";
inline constexpr const char* kSgd = "sgd";
inline constexpr const char* kGaussNewton = "gauss_newton";

// By one of these names, with its defaults; else Error(kUsage).
std::unique_ptr<Optimiser> make_optimiser(const std::string& name);

}  // namespace secateur
