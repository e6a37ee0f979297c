// How a chain of blocks is computed from the operations.

#include "models/model.h"
#include "ops/add/add.h"
#include "ops/batch_norm/batch_norm.h"
#include "ops/bias/bias.h"
#include "ops/conv2d/conv2d.h"
#include "ops/factorised_readout/factorised_readout.h"
#include "ops/pointwise/pointwise.h"
#include "ops/relu/relu.h"
#include "ops/spatial_readout/spatial_readout.h"

namespace secateur {

// A bias in front of a batch norm is not added: the norm takes it as the shift of its statistics,
// which saves a pass over the largest tensors of the network.
Variable Model::normalise(const Variable& x, const std::string& prefix,
                          const std::string& bias_name, Norm norm, Activation activation,
                          Mode mode) const {
  const bool rectify = activation == Activation::kRelu;
  if (norm == Norm::kNone) {
    const Variable shifted = bias(x, parameter(bias_name));
    return rectify ? relu(shifted) : shifted;
  }
  BatchNormState state{.moving_mean = tensor(prefix + ".bn.moving_mean"),
                       .moving_variance = tensor(prefix + ".bn.moving_variance"),
                       .shift = tensor(bias_name)};
  return batch_norm(x, parameter(prefix + ".bn.gamma"), parameter(prefix + ".bn.beta"), state,
                    {.training = mode == Mode::kTraining, .relu = rectify});
}

Variable Model::separable(const Variable& x, const std::string& prefix, const Block& block,
                          Mode mode, Activation activation) const {
  const int64_t channels = x.shape()[1];
  const Variable spatial =
      conv2d(x, parameter(prefix + ".depthwise.weight"),
             {.stride = block.stride,
              .padding = same_padding(x.shape()[2], x.shape()[3], block.kernel, block.stride),
              .groups = channels});
  const Variable mixed = pointwise(spatial, parameter(prefix + ".pointwise.weight"));
  return normalise(mixed, prefix, prefix + ".pointwise.bias", block.norm, activation, mode);
}

Variable Model::forward_block(const Variable& x, const Block& block, Mode mode) const {
  const std::string& name = block.name;
  switch (block.kind) {
    case BlockKind::kConv: {
      const Variable y =
          conv2d(x, parameter(name + ".conv.weight"),
                 {.stride = block.stride,
                  .padding = same_padding(x.shape()[2], x.shape()[3], block.kernel, block.stride)});
      return normalise(y, name, name + ".conv.bias", block.norm, block.activation, mode);
    }
    case BlockKind::kSeparable:
      return separable(x, name, block, mode, block.activation);
    case BlockKind::kPointwise: {
      const Variable y = pointwise(x, parameter(name + ".pointwise.weight"));
      return normalise(y, name, name + ".pointwise.bias", block.norm, block.activation, mode);
    }
    case BlockKind::kResidual:
      break;
  }
  const Variable a = separable(x, name + ".a", block, mode, Activation::kRelu);
  const Variable b = separable(a, name + ".b", block, mode, Activation::kRelu);
  const Variable c = bias(pointwise(b, parameter(name + ".c.pointwise.weight")),
                          parameter(name + ".c.pointwise.bias"));
  return add(x, c);
}

Variable Model::forward_blocks(const Variable& x, size_t first, size_t last, Mode mode) const {
  Variable y = x;
  for (size_t i = first; i < last; ++i) y = forward_block(y, architecture_.blocks.at(i), mode);
  return y;
}

Variable Model::forward_readout(const Variable& x) const {
  const Variable& last_bias = parameter("readout.bias");
  if (architecture_.readout.kind == ReadoutKind::kDense) {
    return spatial_readout(x, parameter("readout.weight"), last_bias);
  }
  return factorised_readout(x, parameter("readout.mixing.weight"), parameter("readout.mixing.bias"),
                            parameter("readout.spatial.weight"), last_bias);
}

Variable Model::forward(const Variable& images, Mode mode) const {
  return forward_readout(forward_blocks(images, 0, architecture_.blocks.size(), mode));
}

}  // namespace secateur
