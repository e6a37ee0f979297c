#include "training/objective.h"

#include "ops/add/add.h"
#include "ops/mse_loss/mse_loss.h"
#include "ops/poisson_loss/poisson_loss.h"
#include "tensor/error.h"
#include "tensor/printable.h"

namespace secateur {
namespace {

Variable forward(const Model& model, const Variable& images, bool train_blocks) {
  if (train_blocks) return model.forward(images, Mode::kTraining);
  const size_t blocks = model.architecture().blocks.size();
  const Variable fixed = model.frozen().forward_blocks(images, 0, blocks, Mode::kEvaluation);
  return model.forward_readout(Variable(fixed.value()));
}

constexpr double kSharpness = 10;  // 0.1 above 0 it is 1.3 times the response, at the mean the same

Tensor of_mean(const Tensor& relative) {
  Tensor rates = relative.clone();
  for (float& v : rates.values()) v += 1;
  return rates;
}

}  // namespace

Loss parse_loss(const std::string& name) {
  if (name == "squared") return Loss::kMeanSquaredError;
  if (name == "poisson") return Loss::kPoisson;
  throw Error(ErrorKind::kUsage,
              fmt::format("wanted the loss squared or poisson, got {}", printable(name)));
}

Variable loss_of(const Model& model, const Tensor& images, const Tensor& targets,
                 const Objective& objective) {
  const Variable responses = forward(model, Variable(images), objective.train_blocks);
  if (objective.loss == Loss::kMeanSquaredError) {
    return mse_loss(responses, Variable(targets), {.skip_nan_targets = true});
  }
  const Variable rates = add(responses, Variable(Tensor::full(responses.shape(), 1.0f)));
  return poisson_loss(rates, Variable(of_mean(targets)),
                      {.softplus = kSharpness, .skip_nan_counts = true});
}

}  // namespace secateur
