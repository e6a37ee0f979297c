#include "models/fused_chain.h"

#include <string>

#include "ops/conv2d/conv2d.h"

namespace secateur {
namespace {

// Above this a dense convolution is left to oneDNN.
constexpr int64_t kFewChannels = 4;

Window same_window(const Shape& x, const Block& block) {
  const Padding2d p = same_padding(x[1], x[2], block.kernel, block.stride);
  return {
      .stride = block.stride, .top = p.top, .left = p.left, .bottom = p.bottom, .right = p.right};
}

bool is_chain(const Architecture& a) {
  for (size_t i = 0; i < a.blocks.size(); ++i) {
    const BlockKind kind = a.blocks[i].kind;
    const bool conv = i == 0 && kind == BlockKind::kConv && a.input.channels <= kFewChannels;
    const bool separable = i > 0 && kind == BlockKind::kSeparable;
    if (!conv && !separable && kind != BlockKind::kPointwise) return false;
  }
  return !a.blocks.empty();
}

// Block i without its own depthwise part, and with the depthwise part of the block behind it.
DenseDepthwise step_of(const Model& folded, size_t i) {
  const Architecture& a = folded.architecture();
  const Block& block = a.blocks[i];
  const bool conv = block.kind == BlockKind::kConv;
  const std::string prefix = block.name + (conv ? ".conv" : ".pointwise");
  const Shape z = a.shape_before(i + 1);
  DenseDepthwiseOptions options{.relu = block.activation == Activation::kRelu};
  if (conv) options.dense = same_window(a.shape_before(i), block);
  Tensor v;
  if (i + 1 < a.blocks.size() && a.blocks[i + 1].kind == BlockKind::kSeparable) {
    v = folded.tensor(a.blocks[i + 1].name + ".depthwise.weight");
    options.depthwise = same_window(z, a.blocks[i + 1]);
  }
  const Shape x = i == 0 ? a.shape_before(0) : Shape{a.blocks[i - 1].filters, z[1], z[2]};
  return {x, folded.tensor(prefix + ".weight"), folded.tensor(prefix + ".bias"), v, options};
}

}  // namespace

std::vector<DenseDepthwise> fused_chain(const Model& folded) {
  std::vector<DenseDepthwise> steps;
  if (!is_chain(folded.architecture())) return steps;
  for (size_t i = 0; i < folded.architecture().blocks.size(); ++i) {
    steps.push_back(step_of(folded, i));
  }
  return steps;
}

}  // namespace secateur
