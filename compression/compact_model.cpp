#include "compression/compact_model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "compression/coefficient_coder.h"
#include "compression/dct.h"
#include "compression/exact_numbers.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace secateur {
namespace {

// Calls turn(dct, block) for every block of `values`, in parallel when there are many.
template <class Turn>
void for_each_transformed(std::vector<double>& values, const TensorLayout& layout,
                          const Turn& turn) {
  const Dct dct(layout.block);
  const int64_t block = layout.block_numel();
  parallel_for(static_cast<int64_t>(values.size()) / block, [&](int64_t i) {
    turn(dct,
         std::span(values).subspan(static_cast<size_t>(i * block), static_cast<size_t>(block)));
  });
}

void check_steps(const CompactTensor& tensor, const std::vector<int>& steps, int64_t count,
                 const char* of) {
  require(static_cast<int64_t>(steps.size()) == count, "compact",
          "{}: wanted a step for each of {} {}, got {}", tensor.name, count, of, steps.size());
  for (int step : steps) {
    require(std::abs(step) <= kLargestGroupStep, "compact", "{}: wanted steps within {}, got {}",
            tensor.name, kLargestGroupStep, step);
  }
}

}  // namespace

void validate(const CompactTensor& tensor, const ParameterSpec& spec) {
  require(tensor.name == spec.name && tensor.shape == spec.shape, "compact",
          "wanted {} {}, got {} {}", spec.name, spec.shape, tensor.name, tensor.shape);
  const TensorLayout& layout = tensor.layout;
  require(tensor.transform == Transform::kNone || layout.transformable(), "compact",
          "{} cannot be transformed", tensor.name);
  check_steps(tensor, tensor.filter_step, layout.filters, "filters");
  check_steps(tensor, tensor.band_step, band_count(layout, tensor.transform), "bands");
  check_steps(tensor, tensor.channel_step, layout.channels, "channels");
  require(static_cast<int64_t>(tensor.codes.size()) == spec.shape.numel(), "compact",
          "{}: wanted {} codes, got {}", tensor.name, spec.shape.numel(), tensor.codes.size());
  for (size_t i = 0; i < tensor.codes.size(); ++i) {
    const int64_t place = static_cast<int64_t>(i) % layout.block_numel();
    const int32_t largest = largest_code(layout, tensor.transform, place);
    require(std::abs(tensor.codes[i]) <= largest, "compact", "{}: wanted codes within {}, got {}",
            tensor.name, largest, tensor.codes[i]);
  }
}

int32_t largest_code(const TensorLayout& layout, Transform transform, int64_t place) {
  const bool mean = transform == Transform::kDct && place == 0;
  return (1 << ((layout.kernel && !mean ? kMostBits : kMostBiasBits) - 1)) - 1;
}

std::vector<double> steps_of(const CompactTensor& tensor, int global_step) {
  const TensorLayout& layout = tensor.layout;
  const std::vector<int32_t> bands = bands_of(layout, tensor.transform);
  constexpr int kLargestGroup = 3 * kLargestGroupStep;
  std::vector<double> sizes;
  for (int group = -kLargestGroup; group <= kLargestGroup; ++group) {
    sizes.push_back(step_size(global_step + 8 * group));
  }
  std::vector<double> steps;
  steps.reserve(tensor.codes.size());
  for (int filter : tensor.filter_step) {
    for (int channel : tensor.channel_step) {
      for (int32_t band : bands) {
        const int group = filter + channel + tensor.band_step[static_cast<size_t>(band)];
        steps.push_back(sizes[static_cast<size_t>(group + kLargestGroup)]);
      }
    }
  }
  return steps;
}

int filter_bits(const CompactTensor& tensor, int64_t filter) {
  const int64_t count = tensor.layout.filter_numel();
  require(filter >= 0 && filter < tensor.layout.filters, "compact",
          "{}: wanted a filter below {}, got {}", tensor.name, tensor.layout.filters, filter);
  int32_t largest = 0;
  for (int64_t i = filter * count; i < (filter + 1) * count; ++i) {
    if (tensor.transform == Transform::kDct && i % tensor.layout.block_numel() == 0) continue;
    largest = std::max(largest, std::abs(tensor.codes[static_cast<size_t>(i)]));
  }
  int bits = kFewestBits;
  while ((1 << (bits - 1)) - 1 < largest) ++bits;
  return bits;
}

std::vector<double> to_coefficients(std::span<const float> weights, const TensorLayout& layout,
                                    Transform transform) {
  std::vector<double> values(weights.begin(), weights.end());
  if (transform == Transform::kDct) {
    for_each_transformed(values, layout,
                         [](const Dct& dct, std::span<double> block) { dct.forward(block); });
  }
  return values;
}

std::vector<double> to_weights(std::vector<double> coefficients, const TensorLayout& layout,
                               Transform transform) {
  if (transform == Transform::kDct) {
    for_each_transformed(coefficients, layout,
                         [](const Dct& dct, std::span<double> block) { dct.inverse(block); });
  }
  return coefficients;
}

Tensor decode(const CompactTensor& tensor, int global_step) {
  std::vector<double> values = steps_of(tensor, global_step);
  for (size_t i = 0; i < values.size(); ++i) values[i] *= tensor.codes[i];
  values = to_weights(std::move(values), tensor.layout, tensor.transform);
  Tensor weights(tensor.shape);
  std::transform(values.begin(), values.end(), weights.values().begin(),
                 [](double value) { return static_cast<float>(value); });
  return weights;
}

void validate(const CompactModel& compact) {
  compact.architecture.validate();
  const std::vector<ParameterSpec> specs = parameter_specs(compact.architecture);
  require(specs.size() == compact.tensors.size(), "compact", "wanted {} tensors, got {}",
          specs.size(), compact.tensors.size());
  require(std::abs(compact.global_step) <= kLargestGlobalStep, "compact",
          "wanted a global step within {}, got {}", kLargestGlobalStep, compact.global_step);
  for (size_t i = 0; i < specs.size(); ++i) validate(compact.tensors[i], specs[i]);
}

Model decode(const CompactModel& compact) {
  validate(compact);
  std::map<std::string, Tensor> tensors;
  for (const CompactTensor& tensor : compact.tensors) {
    tensors.emplace(tensor.name, decode(tensor, compact.global_step));
  }
  Model model(compact.architecture, tensors);
  model.metadata = compact.metadata;
  return model;
}

CodeTrace trace_code(const CompactModel& compact, const Model& folded, const std::string& name,
                     int64_t index) {
  const auto found = std::find_if(compact.tensors.begin(), compact.tensors.end(),
                                  [&](const CompactTensor& t) { return t.name == name; });
  require(found != compact.tensors.end(), "trace", "there is no parameter called '{}'", name);
  const CompactTensor& tensor = *found;
  const int64_t numel = tensor.shape.numel();
  require(index >= 0 && index < numel, "trace", "{}: wanted an index below {}, got {}", name, numel,
          index);
  const int64_t block = tensor.layout.block_numel();
  CodeTrace trace{.tensor = name, .index = index, .transform = tensor.transform};
  trace.filter = index / tensor.layout.filter_numel();
  trace.channel = index % tensor.layout.filter_numel() / block;
  trace.band = bands_of(tensor.layout, tensor.transform)[static_cast<size_t>(index % block)];
  trace.bits = filter_bits(tensor, trace.filter);
  trace.step = steps_of(tensor, compact.global_step)[static_cast<size_t>(index)];
  trace.code = tensor.codes[static_cast<size_t>(index)];
  trace.coefficient = trace.code * trace.step;
  trace.decoded = decode(tensor, compact.global_step)[index];
  trace.original = folded.tensor(name)[index];
  return trace;
}

}  // namespace secateur
