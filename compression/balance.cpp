#include "compression/balance.h"

#include <algorithm>
#include <cmath>

#include "compression/allocation.h"
#include "compression/exact_numbers.h"
#include "models/filter_axes.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

// Four octaves. Features further off are hardly used: what makes them may be coarse beyond measure,
// and the weights that read them must not grow beyond every step for that.
constexpr int kFarthest = 64;

bool can_be_balanced(const Architecture& architecture) {
  const std::vector<Block>& blocks = architecture.blocks;
  return architecture.readout.kind == ReadoutKind::kDense && architecture.readout.outputs == 1 &&
         !blocks.empty() && blocks.front().kind == BlockKind::kConv &&
         std::all_of(blocks.begin() + 1, blocks.end(),
                     [](const Block& block) { return block.kind == BlockKind::kSeparable; }) &&
         std::ranges::all_of(blocks, [](const Block& block) { return block.norm == Norm::kNone; });
}

// How far each is from the half octave next to the middle one: scaled by it all have that step.
std::vector<int> to_the_middle(const std::vector<double>& octaves) {
  const double middle = std::round(2 * quantile_of(octaves, 0.5)) / 2;
  std::vector<int> scales;
  for (const double octave : octaves) {
    const double sixteenths = std::round(16 * (middle - octave));
    scales.push_back(static_cast<int>(std::clamp<double>(sixteenths, -kFarthest, kFarthest)));
  }
  return scales;
}

// A row of zeros is not scaled, since nobody could see it.
void leave_zeros(const Tensor& tensor, std::vector<int>& scales) {
  const int64_t row = tensor.numel() / tensor.dim(0);
  for (size_t f = 0; f < scales.size(); ++f) {
    const float* const first = tensor.data() + static_cast<int64_t>(f) * row;
    if (std::all_of(first, first + row, [](float v) { return v == 0.0f; })) scales[f] = 0;
  }
}

// Sixteenths of an octave by which each index of an axis is scaled.
struct AxisScales {
  int axis = 0;
  std::vector<int> scales;
};

std::vector<int> negated_sum(const FeatureScales& feature) {
  std::vector<int> sum;
  for (size_t i = 0; i < feature.made.size(); ++i) {
    sum.push_back(-feature.made[i] - feature.read[i]);
  }
  return sum;
}

std::vector<AxisScales> scales_of(const Architecture& architecture, const std::string& tensor,
                                  const Balance& balance) {
  const FilterAxes axes = filter_axes(architecture, tensor);
  const auto of = [&](int block) -> const FeatureScales& {
    return balance[static_cast<size_t>(block)];
  };
  std::vector<AxisScales> all;
  if (axes.block >= 0) all.push_back({axes.axis, of(axes.block).made});
  if (axes.input_block < 0) return all;
  const bool depthwise = axes.block < 0 && tensor.ends_with(".depthwise.weight");
  all.push_back(
      {axes.input_axis, depthwise ? of(axes.input_block).read : negated_sum(of(axes.input_block))});
  return all;
}

// Every value times 2^(power n / 16), n that of its place.
template <class Number>
void scale(std::span<Number> values, const Shape& shape, const AxisScales& by, int power) {
  int64_t inner = 1;
  for (int64_t axis = by.axis + 1; axis < shape.rank(); ++axis) inner *= shape[axis];
  const int64_t extent = shape[by.axis];
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t at = static_cast<int64_t>(i) / inner % extent;
    const int sixteenths = power * by.scales[static_cast<size_t>(at)];
    if (sixteenths == 0) continue;
    values[i] = static_cast<Number>(static_cast<double>(values[i]) * step_size(sixteenths));
  }
}

// How many sixteenths of an octave lie between the largest weights of each row, beyond those of
// their columns; 0 for a row of zeros.
std::vector<int> ratios_of_rows(const Tensor& before, const Tensor& after,
                                const std::vector<int>& columns) {
  const int64_t row = before.numel() / before.dim(0);
  std::vector<int> ratios;
  for (int64_t first = 0; first < before.numel(); first += row) {
    int64_t largest = first;
    for (int64_t i = first; i < first + row; ++i) {
      if (std::abs(before[i]) > std::abs(before[largest])) largest = i;
    }
    const double octaves = std::log2(double{after[largest]} / double{before[largest]});
    const int column = columns.empty() ? 0 : columns[static_cast<size_t>(largest - first)];
    const double own = std::round(16 * octaves) - column;
    ratios.push_back(std::abs(own) <= kFarthest ? static_cast<int>(own) : 0);
  }
  return ratios;
}

}  // namespace

Balance balance_of(const Model& folded, const std::vector<TensorImportance>& importance) {
  const Architecture& architecture = folded.architecture();
  if (!can_be_balanced(architecture)) return {};
  Balance balance;
  for (const int64_t filters : filter_counts(architecture)) {
    const std::vector<int> as_it_is(static_cast<size_t>(filters), 0);
    balance.push_back({.made = as_it_is, .read = as_it_is});
  }
  for (size_t t = 0; t < folded.specs().size(); ++t) {
    const ParameterSpec& spec = folded.specs()[t];
    const FilterAxes axes = filter_axes(architecture, spec.name);
    const TensorLayout layout = layout_of(spec);
    if (!layout.kernel || spec.name.starts_with("readout.")) continue;
    const Transform transform = layout.transformable() ? Transform::kDct : Transform::kNone;
    const TensorImportance& of_it = importance[t];
    std::vector<int> scales = to_the_middle(filter_octaves(
        layout, transform, transform == Transform::kDct ? of_it.transformed : of_it.plain));
    leave_zeros(folded.tensor(spec.name), scales);
    if (axes.block >= 0) {
      balance[static_cast<size_t>(axes.block)].made = scales;
    } else {
      balance[static_cast<size_t>(axes.input_block)].read = scales;
    }
  }
  return balance;
}

Model balanced(const Model& folded, const Balance& balance) {
  Model model = folded.clone();
  if (balance.empty()) return model;
  for (const ParameterSpec& spec : folded.specs()) {
    Tensor& tensor = model.tensor(spec.name);
    for (const AxisScales& by : scales_of(folded.architecture(), spec.name, balance)) {
      scale<float>(tensor.values(), spec.shape, by, 1);
    }
  }
  return model;
}

std::vector<TensorImportance> balanced(std::vector<TensorImportance> importance,
                                       const Model& folded, const Balance& balance) {
  if (balance.empty()) return importance;
  for (size_t t = 0; t < importance.size(); ++t) {
    const ParameterSpec& spec = folded.specs()[t];
    for (const AxisScales& by : scales_of(folded.architecture(), spec.name, balance)) {
      scale<double>(importance[t].plain, spec.shape, by, -2);
      if (!importance[t].transformed.empty()) {
        scale<double>(importance[t].transformed, spec.shape, by, -2);
      }
    }
  }
  return importance;
}

Balance balance_between(const Model& folded, const Model& scaled) {
  const Architecture& architecture = folded.architecture();
  if (!can_be_balanced(architecture) || scaled.architecture() != architecture) return {};
  Balance balance;
  const std::vector<Block>& blocks = architecture.blocks;
  for (size_t b = 0; b < blocks.size(); ++b) {
    const auto ratios = [&](const std::string& tensor, const std::vector<int>& columns) {
      return ratios_of_rows(folded.tensor(tensor), scaled.tensor(tensor), columns);
    };
    FeatureScales feature;
    feature.made = b == 0
                       ? ratios(blocks[b].name + ".conv.weight", {})
                       : ratios(blocks[b].name + ".pointwise.weight", negated_sum(balance.back()));
    feature.read.assign(feature.made.size(), 0);
    if (b + 1 < blocks.size()) feature.read = ratios(blocks[b + 1].name + ".depthwise.weight", {});
    balance.push_back(std::move(feature));
  }
  return balance;
}

int sixteenths_at(const Architecture& architecture, const std::string& tensor,
                  std::span<const int64_t> index, const Balance& balance) {
  if (balance.empty()) return 0;
  int sum = 0;
  for (const AxisScales& by : scales_of(architecture, tensor, balance)) {
    sum += by.scales[static_cast<size_t>(index[static_cast<size_t>(by.axis)])];
  }
  return sum;
}

}  // namespace secateur
