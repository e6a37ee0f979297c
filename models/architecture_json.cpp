// The architecture as JSON, as it stands in model files and recipes.

#include <nlohmann/json.hpp>
#include <set>

#include "models/architecture.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

template <class E>
struct Name {
  E value;
  const char* text;
};

constexpr Name<BlockKind> kKinds[] = {{BlockKind::kConv, "conv"},
                                      {BlockKind::kSeparable, "separable"},
                                      {BlockKind::kPointwise, "pointwise"},
                                      {BlockKind::kResidual, "residual"}};
constexpr Name<Norm> kNorms[] = {{Norm::kBatch, "batch"}, {Norm::kNone, "none"}};
constexpr Name<Activation> kActivations[] = {{Activation::kRelu, "relu"},
                                             {Activation::kLinear, "linear"}};
constexpr Name<ReadoutKind> kReadouts[] = {{ReadoutKind::kDense, "dense"},
                                           {ReadoutKind::kFactorised, "factorised"}};

template <class E, size_t N>
const char* name_of(const Name<E> (&names)[N], E value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return "";
}

template <class E, size_t N>
E value_of(const Name<E> (&names)[N], const std::string& text, const char* what) {
  for (const auto& name : names) {
    if (text == name.text) return name.value;
  }
  fail(ErrorKind::kBadInput, "architecture", "unknown {} '{}'", what, text);
}

void only_keys(const json& object, const std::set<std::string>& known, const char* where) {
  require(object.is_object(), "architecture", "wanted an object for {}", where);
  for (const auto& item : object.items()) {
    require(known.contains(item.key()), "architecture", "unknown key '{}' in {}", item.key(),
            where);
  }
}

json block_to_json(const Block& b) {
  json result = {{"kind", name_of(kKinds, b.kind)},
                 {"name", b.name},
                 {"filters", b.filters},
                 {"kernel", b.kernel},
                 {"stride", b.stride},
                 {"norm", name_of(kNorms, b.norm)},
                 {"activation", name_of(kActivations, b.activation)}};
  if (b.kind == BlockKind::kResidual) result["middle"] = b.middle;
  if (b.epsilon != kPublishedEpsilon) result["epsilon"] = b.epsilon;
  return result;
}

Block block_from_json(const json& j) {
  only_keys(
      j, {"kind", "name", "filters", "kernel", "stride", "middle", "norm", "epsilon", "activation"},
      "a block");
  Block b;
  b.kind = value_of(kKinds, j.at("kind").get<std::string>(), "block kind");
  b.name = j.at("name").get<std::string>();
  b.filters = j.at("filters").get<int64_t>();
  b.kernel = j.value("kernel", int64_t{1});
  b.stride = j.value("stride", int64_t{1});
  b.middle = j.value("middle", int64_t{0});
  b.norm = value_of(kNorms, j.value("norm", std::string("batch")), "norm");
  b.epsilon = j.value("epsilon", kPublishedEpsilon);
  b.activation = value_of(kActivations, j.value("activation", std::string("relu")), "activation");
  return b;
}

void read_architecture(const json& j, Architecture& a) {
  only_keys(j, {"input", "blocks", "readout"}, "an architecture");
  const json& input = j.at("input");
  only_keys(input, {"channels", "height", "width", "mean"}, "the input");
  a.input.channels = input.at("channels").get<int64_t>();
  a.input.height = input.at("height").get<int64_t>();
  a.input.width = input.at("width").get<int64_t>();
  a.input.mean = input.at("mean").get<std::array<float, 3>>();
  a.blocks.clear();
  for (const json& block : j.at("blocks")) a.blocks.push_back(block_from_json(block));
  const json& readout = j.at("readout");
  only_keys(readout, {"kind", "outputs", "offset", "gain"}, "the readout");
  a.readout.kind = value_of(kReadouts, readout.at("kind").get<std::string>(), "readout kind");
  a.readout.outputs = readout.at("outputs").get<int64_t>();
  a.readout.offset = readout.value("offset", std::vector<double>());
  a.readout.gain = readout.value("gain", std::vector<double>());
}

}  // namespace

void to_json(json& j, const Architecture& a) {
  json blocks = json::array();
  for (const Block& block : a.blocks) blocks.push_back(block_to_json(block));
  json readout = {{"kind", name_of(kReadouts, a.readout.kind)}, {"outputs", a.readout.outputs}};
  if (!a.readout.gain.empty()) {
    readout["offset"] = a.readout.offset;
    readout["gain"] = a.readout.gain;
  }
  j = {{"input",
        {{"channels", a.input.channels},
         {"height", a.input.height},
         {"width", a.input.width},
         {"mean", a.input.mean}}},
       {"blocks", blocks},
       {"readout", readout}};
}

void from_json(const json& j, Architecture& a) {
  try {
    read_architecture(j, a);
  } catch (const json::exception& error) {
    fail(ErrorKind::kBadInput, "architecture", "malformed description: {}", error.what());
  }
  a.validate();
}

}  // namespace secateur
