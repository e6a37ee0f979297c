#include "compression/tensor_rounding.h"

#include <algorithm>
#include <numeric>

#include "compression/allocation.h"
#include "compression/exact_numbers.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Weights that only mix channels read much the same signals: chosen together, their errors cancel
// more than those of others, and half an octave coarser is what the blend asks for.
bool mixes_channels(const TensorLayout& layout) {
  return layout.kernel && layout.block_numel() == 1 && layout.channels > 1;
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

const std::vector<double>& in_domain(const TensorImportance& importance, Transform transform) {
  return transform == Transform::kDct ? importance.transformed : importance.plain;
}

TensorRounding::TensorRounding(const Model& network, std::vector<TensorImportance> importance,
                               double rate_weight, bool together)
    : network_(network), rate_weight_(rate_weight) {
  for (size_t t = 0; t < network.specs().size(); ++t) {
    tensors_.push_back(planned(network.specs()[t], std::move(importance[t]), together));
  }
}

TensorRounding::Planned TensorRounding::planned(const ParameterSpec& spec,
                                                TensorImportance importance, bool together) const {
  Planned tensor{.spec = &spec,
                 .layout = layout_of(spec),
                 .importance = std::move(importance),
                 .plain = {},
                 .transformed = {},
                 .cost_plain = {},
                 .cost_transformed = {}};
  const auto plan = [&](Transform transform) {
    return plan_steps(tensor.layout, transform, in_domain(tensor.importance, transform));
  };
  tensor.plain = plan(Transform::kNone);
  if (together && mixes_channels(tensor.layout)) {
    for (int& step : tensor.plain.filter_step) step = std::min(step + 1, kLargestGroupStep);
  }
  if (tensor.layout.transformable()) tensor.transformed = plan(Transform::kDct);
  return tensor;
}

double TensorRounding::bit_value(int global_step) const {
  const double step = step_size(global_step);
  return rate_weight_ * step * step;
}

std::vector<Transform> TensorRounding::transforms() const {
  std::vector<Transform> transforms;
  for (const Planned& tensor : tensors_) transforms.push_back(tensor.chosen);
  return transforms;
}

CompactTensor TensorRounding::rounded(const Planned& tensor, Transform transform, int global_step,
                                      RoundingTrace* trace) const {
  return quantise(*tensor.spec, network_.tensor(tensor.spec->name),
                  transform == Transform::kDct ? tensor.transformed : tensor.plain, global_step,
                  {.importance = in_domain(tensor.importance, transform),
                   .rate_weight = bit_value(global_step)},
                  trace);
}

std::vector<double> TensorRounding::filter_loss(const CompactTensor& tensor, const Planned& planned,
                                                int global_step) const {
  const std::vector<double> wanted =
      to_coefficients(network_.tensor(tensor.name).values(), tensor.layout, tensor.transform);
  const std::vector<double> steps = steps_of(tensor, global_step);
  const std::vector<double>& importance = in_domain(planned.importance, tensor.transform);
  const auto of_filter = static_cast<size_t>(tensor.layout.filter_numel());
  std::vector<double> loss(static_cast<size_t>(tensor.layout.filters), 0.0);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double error = tensor.codes[i] * steps[i] - wanted[i];
    loss[i / of_filter] += importance[i] * error * error;
  }
  return loss;
}

// The error is counted in bits at the going rate.
TensorCost TensorRounding::cost_in_bits(const Planned& planned, Transform transform,
                                        int global_step) const {
  const CompactTensor tensor = rounded(planned, transform, global_step);
  const double error = sum_of(filter_loss(tensor, planned, global_step));
  const double step = step_size(global_step);
  constexpr double kSlope = 0.115;      // the value of a bit in squared steps, whatever the option
  constexpr double kBitsPerStep = 3.0;  // of a band's step factor
  return {.codes = estimated_bits(tensor.codes, tensor.layout, transform),
          .steps = kBitsPerStep * static_cast<double>(tensor.band_step.size()),
          .error = error / (kSlope * step * step)};
}

void TensorRounding::choose_transforms(int global_step) {
  parallel_for(static_cast<int64_t>(tensors_.size()), [&](int64_t t) {
    Planned& tensor = tensors_[static_cast<size_t>(t)];
    if (!tensor.layout.transformable()) return;
    tensor.cost_plain = cost_in_bits(tensor, Transform::kNone, global_step);
    tensor.cost_transformed = cost_in_bits(tensor, Transform::kDct, global_step);
    tensor.chosen = tensor.cost_transformed.total() < tensor.cost_plain.total() ? Transform::kDct
                                                                                : Transform::kNone;
  });
}

RoundedNetwork TensorRounding::round(int global_step) const {
  const size_t count = tensors_.size();
  RoundedNetwork all{.compact = {.architecture = network_.architecture(),
                                 .global_step = global_step,
                                 .tensors = std::vector<CompactTensor>(count),
                                 .metadata = network_.metadata},
                     .traces = std::vector<RoundingTrace>(count),
                     .filter_loss = std::vector<std::vector<double>>(count)};
  parallel_for(static_cast<int64_t>(count), [&](int64_t i) {
    const auto t = static_cast<size_t>(i);
    const Planned& tensor = tensors_[t];
    all.compact.tensors[t] = rounded(tensor, tensor.chosen, global_step, &all.traces[t]);
    all.filter_loss[t] = filter_loss(all.compact.tensors[t], tensor, global_step);
  });
  for (const std::vector<double>& loss : all.filter_loss) all.predicted_loss += sum_of(loss);
  return all;
}

}  // namespace secateur
