// The tensors of an architecture, by name and shape.

#include "models/architecture.h"
#include "tensor/error.h"

namespace secateur {
namespace {

class SpecList {
 public:
  std::vector<ParameterSpec> specs;

  void kernel(const std::string& name, const Shape& shape, int64_t fan_in, int64_t fan_out) {
    specs.push_back({name, shape, ParameterRole::kKernel, true, fan_in, fan_out});
  }

  void bias(const std::string& name, int64_t count, bool trainable) {
    specs.push_back({name, Shape{count}, ParameterRole::kBias, trainable, 0, 0});
  }

  void norm(const std::string& prefix, int64_t filters) {
    const auto add = [&](const char* leaf, ParameterRole role, bool trainable) {
      specs.push_back({prefix + ".bn." + leaf, Shape{filters}, role, trainable, 0, 0});
    };
    add("gamma", ParameterRole::kGamma, true);
    add("beta", ParameterRole::kBeta, true);
    add("moving_mean", ParameterRole::kMovingMean, false);
    add("moving_variance", ParameterRole::kMovingVariance, false);
  }

  // A 1 x 1 convolution with its bias and, perhaps, its norm.
  void pointwise(const std::string& prefix, int64_t from, int64_t to, Norm with) {
    kernel(prefix + ".pointwise.weight", {to, from, 1, 1}, from, to);
    bias(prefix + ".pointwise.bias", to, with == Norm::kNone);
    if (with == Norm::kBatch) norm(prefix, to);
  }

  void separable(const std::string& prefix, int64_t from, int64_t to, int64_t size, Norm with) {
    kernel(prefix + ".depthwise.weight", {from, 1, size, size}, size * size, size * size);
    pointwise(prefix, from, to, with);
  }

  void block(const Block& b, int64_t from) {
    switch (b.kind) {
      case BlockKind::kConv:
        kernel(b.name + ".conv.weight", {b.filters, from, b.kernel, b.kernel},
               from * b.kernel * b.kernel, b.filters * b.kernel * b.kernel);
        bias(b.name + ".conv.bias", b.filters, b.norm == Norm::kNone);
        if (b.norm == Norm::kBatch) norm(b.name, b.filters);
        break;
      case BlockKind::kSeparable:
        separable(b.name, from, b.filters, b.kernel, b.norm);
        break;
      case BlockKind::kPointwise:
        pointwise(b.name, from, b.filters, b.norm);
        break;
      case BlockKind::kResidual:
        separable(b.name + ".a", from, b.middle, b.kernel, b.norm);
        separable(b.name + ".b", b.middle, b.middle, b.kernel, b.norm);
        pointwise(b.name + ".c", b.middle, b.filters, Norm::kNone);
        break;
    }
  }

  void readout(const Readout& r, const Shape& from) {
    const int64_t c = from[0];
    const int64_t h = from[1];
    const int64_t w = from[2];
    if (r.kind == ReadoutKind::kDense) {
      kernel("readout.weight", {r.outputs, c, h, w}, c * h * w, r.outputs);
    } else {
      kernel("readout.mixing.weight", {r.outputs, c}, c, r.outputs);
      bias("readout.mixing.bias", r.outputs, true);
      kernel("readout.spatial.weight", {r.outputs, h, w}, h * w, 1);
    }
    bias("readout.bias", r.outputs, true);
  }
};

}  // namespace

std::vector<ParameterSpec> parameter_specs(const Architecture& architecture) {
  SpecList list;
  int64_t channels = architecture.input.channels;
  for (const Block& block : architecture.blocks) {
    list.block(block, channels);
    channels = block.filters;
  }
  list.readout(architecture.readout, architecture.shape_before(architecture.blocks.size()));
  return list.specs;
}

ParameterCount count_parameters(const Architecture& architecture) {
  ParameterCount count;
  for (const ParameterSpec& spec : parameter_specs(architecture)) {
    count.total += spec.shape.numel();
    if (spec.trainable) count.trainable += spec.shape.numel();
  }
  return count;
}

}  // namespace secateur
