#include "training/trunk_member.h"

#include <algorithm>
#include <utility>

#include "formats/safetensors.h"
#include "tensor/error.h"
#include "tensor/json_text.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

constexpr const char* kMember = "teacher";
constexpr const char* kWeight = "readout.weight";
constexpr const char* kBias = "readout.bias";
constexpr const char* kOffset = "readout.offset";
constexpr const char* kGain = "readout.gain";
constexpr const char* kTrunkName = "trunk";
constexpr const char* kMetadata = "metadata";
constexpr const char* kTrunkReadoutFormat = "secateur trunk readout 1";

SafetensorsFile content_of(const TrunkMember& member) {
  const FittedReadout& readout = member.readout;
  return {.tensors = {{kWeight, readout.weight}, {kBias, readout.bias}},
          .doubles = {{kOffset, readout.offset}, {kGain, readout.gain}},
          .metadata = {{"format", kTrunkReadoutFormat}, {kTrunkName, member.trunk->identity()}}};
}

// Of a file whose trunk is the one given.
FittedReadout readout_in(const SafetensorsFile& file, const Shape& maps, const std::string& name) {
  const bool there = file.tensors.contains(kWeight) && file.tensors.contains(kBias) &&
                     file.doubles.contains(kOffset) && file.doubles.contains(kGain);
  require(there, kMember, "{} has no {}, {}, {} and {}", name, kWeight, kBias, kOffset, kGain);
  FittedReadout readout{.weight = file.tensors.at(kWeight),
                        .bias = file.tensors.at(kBias),
                        .hidden_weight = {},
                        .hidden_bias = {},
                        .offset = file.doubles.at(kOffset),
                        .gain = file.doubles.at(kGain)};
  const int64_t outputs = readout.weight.rank() == 4 ? readout.weight.dim(0) : 0;
  const auto count = static_cast<size_t>(outputs);
  require(outputs > 0 && readout.weight.shape() == Shape{outputs, maps[0], maps[1], maps[2]} &&
              readout.bias.shape() == Shape{outputs} && readout.offset.size() == count &&
              readout.gain.size() == count,
          kMember, "{} holds a readout {} with a bias {}, wanted one for maps {}", name,
          readout.weight.shape(), readout.bias.shape(), maps);
  require(readout.weight.all_finite() && readout.bias.all_finite(), kMember,
          "{} has numbers that are not finite", name);
  return readout;
}

}  // namespace

TrunkMember unfitted_member(std::shared_ptr<const Trunk> trunk, int64_t outputs) {
  const Shape maps = trunk->maps();
  const std::vector<double> ones(static_cast<size_t>(outputs), 1.0);
  return {.trunk = std::move(trunk),
          .readout = {.weight = Tensor::zeros({outputs, maps[0], maps[1], maps[2]}),
                      .bias = Tensor::zeros({outputs}),
                      .hidden_weight = {},
                      .hidden_bias = {},
                      .offset = ones,
                      .gain = ones}};
}

TrunkMember select_outputs(const TrunkMember& member, const std::vector<int64_t>& outputs) {
  const FittedReadout& whole = member.readout;
  const int64_t one = whole.weight.numel() / member.outputs();
  const auto count = static_cast<int64_t>(outputs.size());
  TrunkMember part{.trunk = member.trunk, .readout = {}, .metadata = member.metadata};
  part.readout.weight =
      Tensor(Shape{count, whole.weight.dim(1), whole.weight.dim(2), whole.weight.dim(3)});
  part.readout.bias = Tensor(Shape{count});
  for (int64_t i = 0; i < count; ++i) {
    const int64_t output = outputs[static_cast<size_t>(i)];
    if (output < 0 || output >= member.outputs()) {
      fail(ErrorKind::kUsage, kMember, "wanted outputs of {}, got {}", member.outputs(), output);
    }
    std::copy_n(whole.weight.data() + output * one, one, part.readout.weight.data() + i * one);
    part.readout.bias[i] = whole.bias[output];
    part.readout.offset.push_back(whole.offset[static_cast<size_t>(output)]);
    part.readout.gain.push_back(whole.gain[static_cast<size_t>(output)]);
  }
  return part;
}

std::string fingerprint(const TrunkMember& member) {
  return sha256_of(safetensors_bytes(content_of(member), "fingerprint"));
}

void write_trunk_member(const std::filesystem::path& path, const TrunkMember& member) {
  SafetensorsFile content = content_of(member);
  content.metadata[kMetadata] = json_text(member.metadata, path.string());
  write_safetensors(path, content);
}

TrunkMember read_trunk_member(const std::filesystem::path& path,
                              std::shared_ptr<const Trunk> trunk) {
  const std::string name = path.string();
  const SafetensorsFile file = read_safetensors(path);
  const auto format = file.metadata.find("format");
  const auto named = file.metadata.find(kTrunkName);
  require(format != file.metadata.end() && format->second == kTrunkReadoutFormat &&
              named != file.metadata.end() && file.metadata.contains(kMetadata),
          kMember, "{} is not marked as a '{}' file", name, kTrunkReadoutFormat);
  require(named->second == trunk->identity(), kMember,
          "{} was fitted on the trunk {}, the one given is {}", name, printable(named->second),
          trunk->identity());
  FittedReadout readout = readout_in(file, trunk->maps(), name);
  nlohmann::json metadata = parse_json(file.metadata.at(kMetadata), name);
  require(metadata.is_object(), kMember, "{}: wanted metadata as an object", name);
  return {
      .trunk = std::move(trunk), .readout = std::move(readout), .metadata = std::move(metadata)};
}

}  // namespace secateur
