#include "models/recalibrate.h"

#include <cmath>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr double kMomentum = 0.99;  // of every batch norm, as published

bool is_statistic(const ParameterSpec& spec) {
  return spec.role == ParameterRole::kMovingMean || spec.role == ParameterRole::kMovingVariance;
}

}  // namespace

void recalibrate(Model& model, const BatchVisitor& batches) {
  // On a copy, so that a batch that cannot be read leaves the model alone.
  Model running = model.clone();
  for (const ParameterSpec& spec : running.specs()) {
    if (is_statistic(spec)) running.tensor(spec.name).fill(0.0f);
  }
  const Model constant = running.frozen();
  int64_t count = 0;
  batches([&](const Tensor& images) {
    constant.forward(Variable(images), Mode::kTraining);
    ++count;
  });
  require(count > 0, "model", "wanted at least one batch to measure moving statistics on");
  // From zero, a running mean of `count` terms has this much weight in all.
  const double weight = 1 - std::pow(kMomentum, static_cast<double>(count));
  for (const ParameterSpec& spec : model.specs()) {
    if (!is_statistic(spec)) continue;
    Tensor& to = model.tensor(spec.name);
    const Tensor& from = running.tensor(spec.name);
    for (int64_t i = 0; i < to.numel(); ++i) to[i] = static_cast<float>(from[i] / weight);
  }
}

}  // namespace secateur
