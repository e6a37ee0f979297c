#include "pruning/removal.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {
namespace {

std::string block_name(const Model& model, size_t layer) {
  return model.architecture().blocks.at(layer).name;
}

// What reads the filters of block `layer`: tensor name and the axis that counts them.
struct Reader {
  std::string tensor;
  int axis;
};

std::vector<Reader> readers_of(const Model& model, size_t layer) {
  const Architecture& a = model.architecture();
  if (layer + 1 < a.blocks.size()) {
    const std::string next = block_name(model, layer + 1);
    return {{next + ".depthwise.weight", 0}, {next + ".pointwise.weight", 1}};
  }
  if (a.readout.kind == ReadoutKind::kDense) return {{"readout.weight", 1}};
  return {{"readout.mixing.weight", 1}};
}

// Elements of `tensor` whose index along `axis` is in `kept`, in that order.
Tensor take(const Tensor& tensor, int axis, const std::vector<int64_t>& kept) {
  std::vector<int64_t> extents(tensor.shape().extents().begin(), tensor.shape().extents().end());
  int64_t outer = 1;
  int64_t inner = 1;
  for (int i = 0; i < axis; ++i) outer *= extents[static_cast<size_t>(i)];
  for (int i = axis + 1; i < tensor.rank(); ++i) inner *= extents[static_cast<size_t>(i)];
  const int64_t before = tensor.dim(axis);
  const int64_t after = static_cast<int64_t>(kept.size());
  extents[static_cast<size_t>(axis)] = after;
  Tensor result{Shape(extents)};
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t k = 0; k < after; ++k) {
      const float* from = tensor.data() + (o * before + kept[static_cast<size_t>(k)]) * inner;
      std::copy_n(from, inner, result.data() + (o * after + k) * inner);
    }
  }
  return result;
}

void check_kept(const Model& model, size_t layer, const std::vector<int64_t>& kept) {
  require_prunable(model.architecture());
  require(layer < model.architecture().blocks.size(), "pruning", "there is no layer {}", layer);
  const int64_t filters = model.architecture().blocks[layer].filters;
  const bool ascending = std::is_sorted(kept.begin(), kept.end()) &&
                         std::adjacent_find(kept.begin(), kept.end()) == kept.end();
  require(!kept.empty() && ascending && kept.front() >= 0 && kept.back() < filters, "pruning",
          "{}: wanted at least one distinct filter below {}, in ascending order",
          block_name(model, layer), filters);
}

}  // namespace

void require_prunable(const Architecture& architecture) {
  for (size_t i = 0; i < architecture.blocks.size(); ++i) {
    const Block& block = architecture.blocks[i];
    const BlockKind wanted = i == 0 ? BlockKind::kConv : BlockKind::kSeparable;
    require(block.kind == wanted, "pruning",
            "only a conv followed by separable blocks can be pruned; {} is another kind",
            block.name);
  }
}

Model keep_filters(const Model& model, size_t layer, const std::vector<int64_t>& kept) {
  check_kept(model, layer, kept);
  const std::string name = block_name(model, layer);
  Architecture architecture = model.architecture();
  architecture.blocks[layer].filters = static_cast<int64_t>(kept.size());
  std::map<std::string, Tensor> tensors = model.tensors();
  for (auto& [tensor_name, tensor] : tensors) {
    // Everything of the block itself is counted by filters along axis 0, but for the depthwise
    // kernels, which belong to the filters of the block before.
    if (tensor_name.starts_with(name + ".") && !tensor_name.ends_with(".depthwise.weight")) {
      tensor = take(tensor, 0, kept);
    }
  }
  for (const Reader& reader : readers_of(model, layer)) {
    tensors[reader.tensor] = take(tensors[reader.tensor], reader.axis, kept);
  }
  Model result(architecture, tensors);
  result.metadata = model.metadata;
  return result;
}

Model mask_filters(const Model& model, size_t layer, const std::vector<int64_t>& kept) {
  check_kept(model, layer, kept);
  Model masked = model.clone();
  const Reader reader = readers_of(model, layer).front();
  Tensor& weight = masked.tensor(reader.tensor);
  const int64_t filters = weight.dim(reader.axis);
  const int64_t outer = reader.axis == 0 ? 1 : weight.dim(0);
  const int64_t inner = weight.numel() / (outer * filters);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t f = 0; f < filters; ++f) {
      if (std::binary_search(kept.begin(), kept.end(), f)) continue;
      std::fill_n(weight.data() + (o * filters + f) * inner, inner, 0.0f);
    }
  }
  return masked;
}

}  // namespace secateur
