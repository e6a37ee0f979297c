// How a chain of blocks is computed from the operations.

#include "models/model.h"
#include "ops/add/add.h"
#include "ops/bias/bias.h"
#include "ops/conv2d/conv2d.h"
#include "ops/factorised_readout/factorised_readout.h"
#include "ops/norm_depthwise/norm_depthwise.h"
#include "ops/pointwise/pointwise.h"
#include "ops/relu/relu.h"
#include "ops/spatial_readout/spatial_readout.h"

namespace secateur {

BatchNormState Model::norm_state(const std::string& prefix, const std::string& bias) const {
  return {.moving_mean = tensor(prefix + ".bn.moving_mean"),
          .moving_variance = tensor(prefix + ".bn.moving_variance"),
          .shift = tensor(bias)};
}

// A bias in front of a batch norm is not added: the norm takes it as the shift of its statistics,
// which saves a pass over the largest tensors of the network.
Variable Model::finish(const Pending& p, Mode mode) const {
  if (p.finished) return p.x;
  const bool rectify = p.activation == Activation::kRelu;
  if (p.norm == Norm::kNone) {
    const Variable shifted = bias(p.x, parameter(p.bias));
    return rectify ? relu(shifted) : shifted;
  }
  BatchNormState state = norm_state(p.prefix, p.bias);
  return batch_norm(p.x, parameter(p.prefix + ".bn.gamma"), parameter(p.prefix + ".bn.beta"), state,
                    {.training = mode == Mode::kTraining, .epsilon = p.epsilon, .relu = rectify});
}

Variable Model::depthwise(const Pending& p, const std::string& prefix, const Block& block,
                          Mode mode) const {
  const Shape& x = p.x.shape();
  const Variable& weight = parameter(prefix + ".depthwise.weight");
  const Padding2d padding = same_padding(x[2], x[3], block.kernel, block.stride);
  if (p.finished || p.norm == Norm::kNone || block.stride > 2) {
    return conv2d(finish(p, mode), weight,
                  {.stride = block.stride, .padding = padding, .groups = x[1]});
  }
  BatchNormState state = norm_state(p.prefix, p.bias);
  return norm_depthwise(p.x, parameter(p.prefix + ".bn.gamma"), parameter(p.prefix + ".bn.beta"),
                        state, weight,
                        {.norm = {.training = mode == Mode::kTraining,
                                  .epsilon = p.epsilon,
                                  .relu = p.activation == Activation::kRelu},
                         .stride = block.stride,
                         .padding = padding});
}

Model::Pending Model::separable(const Pending& from, const std::string& prefix, const Block& block,
                                Activation activation, Mode mode) const {
  const Variable spatial = depthwise(from, prefix, block, mode);
  return {.x = pointwise(spatial, parameter(prefix + ".pointwise.weight")),
          .prefix = prefix,
          .bias = prefix + ".pointwise.bias",
          .norm = block.norm,
          .epsilon = block.epsilon,
          .activation = activation};
}

Model::Pending Model::residual(const Pending& from, const Block& block, Mode mode) const {
  const std::string& name = block.name;
  const Pending x{.x = finish(from, mode), .finished = true};
  const Pending a = separable(x, name + ".a", block, Activation::kRelu, mode);
  const Variable b = finish(separable(a, name + ".b", block, Activation::kRelu, mode), mode);
  const Variable c = bias(pointwise(b, parameter(name + ".c.pointwise.weight")),
                          parameter(name + ".c.pointwise.bias"));
  return {.x = add(x.x, c), .finished = true};
}

Model::Pending Model::forward_block(const Pending& from, const Block& block, Mode mode) const {
  const std::string& name = block.name;
  const auto pending = [&](const Variable& y, const std::string& bias_name) {
    return Pending{.x = y,
                   .prefix = name,
                   .bias = bias_name,
                   .norm = block.norm,
                   .epsilon = block.epsilon,
                   .activation = block.activation};
  };
  switch (block.kind) {
    case BlockKind::kConv: {
      const Variable x = finish(from, mode);
      const Padding2d padding =
          same_padding(x.shape()[2], x.shape()[3], block.kernel, block.stride);
      return pending(
          conv2d(x, parameter(name + ".conv.weight"), {.stride = block.stride, .padding = padding}),
          name + ".conv.bias");
    }
    case BlockKind::kSeparable:
      return separable(from, name, block, block.activation, mode);
    case BlockKind::kPointwise:
      return pending(pointwise(finish(from, mode), parameter(name + ".pointwise.weight")),
                     name + ".pointwise.bias");
    case BlockKind::kResidual:
      break;
  }
  return residual(from, block, mode);
}

Variable Model::forward_blocks(const Variable& x, size_t first, size_t last, Mode mode) const {
  Pending y{.x = x, .finished = true};
  for (size_t i = first; i < last; ++i) y = forward_block(y, architecture_.blocks.at(i), mode);
  return finish(y, mode);
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
