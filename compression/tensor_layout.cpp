#include "compression/tensor_layout.h"

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kMostDiagonals = 28;
constexpr int64_t kColours = 3;

int64_t diagonals_per_band(const TensorLayout& layout) {
  const int64_t diagonals = layout.block[1] + layout.block[2] - 1;
  return (diagonals + kMostDiagonals - 1) / kMostDiagonals;
}

int64_t bands_per_colour(const TensorLayout& layout) {
  const int64_t diagonals = layout.block[1] + layout.block[2] - 1;
  const int64_t each = diagonals_per_band(layout);
  return (diagonals + each - 1) / each;
}

}  // namespace

TensorLayout layout_of(const ParameterSpec& spec) {
  require(spec.role == ParameterRole::kKernel || spec.role == ParameterRole::kBias, "compress",
          "{} belongs to a batch norm, which is folded before compression", spec.name);
  const Shape& shape = spec.shape;
  if (spec.role == ParameterRole::kBias) return {.block = {1, 1, shape.numel()}, .kernel = false};
  switch (shape.rank()) {
    case 2:
      return {.filters = shape[0], .channels = shape[1]};
    case 3:
      return {.filters = shape[0], .block = {1, shape[1], shape[2]}};
    default:
      break;
  }
  require(shape.rank() == 4, "compress", "{}: wanted a kernel of 2 to 4 axes, got {}", spec.name,
          shape);
  const std::array<int64_t, 3> block = {1, shape[2], shape[3]};
  if (spec.name == "readout.weight") return {.filters = shape[0] * shape[1], .block = block};
  if (shape[1] == kColours && spec.name.ends_with(".conv.weight")) {
    return {.filters = shape[0], .block = {kColours, shape[2], shape[3]}};
  }
  return {.filters = shape[0], .channels = shape[1], .block = block};
}

int64_t band_count(const TensorLayout& layout, Transform transform) {
  return transform == Transform::kDct ? layout.block[0] * bands_per_colour(layout) : 1;
}

std::vector<int32_t> bands_of(const TensorLayout& layout, Transform transform) {
  std::vector<int32_t> bands(static_cast<size_t>(layout.block_numel()), 0);
  if (transform == Transform::kNone) return bands;
  const int64_t each = diagonals_per_band(layout);
  size_t i = 0;
  for (int64_t colour = 0; colour < layout.block[0]; ++colour) {
    for (int64_t u = 0; u < layout.block[1]; ++u) {
      for (int64_t v = 0; v < layout.block[2]; ++v) {
        bands[i++] = static_cast<int32_t>(colour * bands_per_colour(layout) + (u + v) / each);
      }
    }
  }
  return bands;
}

}  // namespace secateur
