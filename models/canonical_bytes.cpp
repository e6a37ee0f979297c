#include "models/canonical_bytes.h"

#include <algorithm>
#include <bit>

#include "tensor/error.h"

namespace secateur {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are copied as they are");

std::string bits(float value) { return fmt::format("{:08x}", std::bit_cast<uint32_t>(value)); }
std::string bits(double value) { return fmt::format("{:016x}", std::bit_cast<uint64_t>(value)); }
std::string counted(const std::string& name) { return fmt::format("{}:{}", name.size(), name); }

// Not the words of the JSON description: those may grow without a new fingerprint.
const char* word(BlockKind kind) {
  switch (kind) {
    case BlockKind::kConv:
      return "conv";
    case BlockKind::kSeparable:
      return "separable";
    case BlockKind::kPointwise:
      return "pointwise";
    case BlockKind::kResidual:
      break;
  }
  return "residual";
}

std::string line_of(const Block& b) {
  return fmt::format("{} {} {} {} {} {} {} {}\n", word(b.kind), counted(b.name), b.filters,
                     b.kernel, b.stride, b.middle,
                     b.activation == Activation::kRelu ? "relu" : "linear",
                     b.norm == Norm::kNone ? "none" : "batch " + bits(b.epsilon));
}

std::string text_of(const Architecture& a) {
  std::string text = fmt::format("input {} {} {}", a.input.channels, a.input.height, a.input.width);
  for (const float mean : a.input.mean) text += ' ' + bits(mean);
  text += fmt::format("\nblocks {}\n", a.blocks.size());
  for (const Block& block : a.blocks) text += line_of(block);
  const Readout& r = a.readout;
  text += fmt::format("readout {} {} {}\n", r.kind == ReadoutKind::kDense ? "dense" : "factorised",
                      r.outputs, r.gain.empty() ? "plain" : "scaled");
  for (size_t i = 0; i < r.gain.size(); ++i) {
    text += fmt::format("{} {}\n", bits(r.offset[i]), bits(r.gain[i]));
  }
  return text;
}

}  // namespace

Architecture canonical(const Architecture& architecture) {
  Architecture result = architecture;
  for (Block& block : result.blocks) {
    if (block.kind == BlockKind::kPointwise) block.kernel = 1;
    if (block.kind == BlockKind::kResidual) {
      block.activation = Activation::kRelu;  // of its inner layers, whatever the block says
    } else {
      block.middle = 0;
    }
    if (block.norm == Norm::kNone) block.epsilon = kPublishedEpsilon;
  }
  // -0 to 0.
  for (float& mean : result.input.mean) mean += 0.0f;
  for (double& offset : result.readout.offset) offset += 0.0;
  for (double& gain : result.readout.gain) gain += 0.0;
  const auto all = [](const std::vector<double>& values, double value) {
    return std::all_of(values.begin(), values.end(), [&](double v) { return v == value; });
  };
  if (all(result.readout.offset, 0.0) && all(result.readout.gain, 1.0)) {
    result.readout.offset.clear();
    result.readout.gain.clear();
  }
  return result;
}

std::string canonical_bytes(const Model& model) {
  const std::map<std::string, Tensor> tensors = model.tensors();
  std::string bytes = "secateur fingerprint 1\n" + text_of(canonical(model.architecture()));
  bytes += fmt::format("tensors {}\n", tensors.size());
  for (const auto& [name, tensor] : tensors) {
    require(tensor.all_finite(), "fingerprint", "{} holds a number that is not finite", name);
    bytes += fmt::format("{} {}", counted(name), tensor.rank());
    for (const int64_t extent : tensor.shape().extents()) bytes += fmt::format(" {}", extent);
    bytes += '\n';
    bytes.append(reinterpret_cast<const char*>(tensor.data()), tensor.values().size_bytes());
  }
  return bytes;
}

}  // namespace secateur
