// The architecture as JSON, as it stands in model files and recipes.

#include <limits>
#include <nlohmann/json.hpp>

#include "models/architecture.h"
#include "tensor/error.h"
#include "tensor/json_field.h"
#include "tensor/printable.h"

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
  fail(ErrorKind::kBadInput, "architecture", "unknown {} {}", what, printable(text));
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

Block block_of(const JsonField& field) {
  field.only_keys(
      {"kind", "name", "filters", "kernel", "stride", "middle", "norm", "epsilon", "activation"});
  const auto whole_or = [&](const char* key, int64_t otherwise) {
    return field.has(key) ? field.at(key).whole() : otherwise;
  };
  const auto text_or = [&](const char* key, const char* otherwise) {
    return field.has(key) ? field.at(key).text() : otherwise;
  };
  Block b;
  b.kind = value_of(kKinds, field.at("kind").text(), "block kind");
  b.name = field.at("name").text();
  b.filters = field.at("filters").whole();
  b.kernel = whole_or("kernel", 1);
  b.stride = whole_or("stride", 1);
  b.middle = whole_or("middle", 0);
  b.norm = value_of(kNorms, text_or("norm", "batch"), "norm");
  if (field.has("epsilon")) b.epsilon = field.at("epsilon").number();
  b.activation = value_of(kActivations, text_or("activation", "relu"), "activation");
  return b;
}

InputSpec input_of(const JsonField& field) {
  field.only_keys({"channels", "height", "width", "mean"});
  InputSpec input{.channels = field.at("channels").whole(),
                  .height = field.at("height").whole(),
                  .width = field.at("width").whole()};
  const std::vector<JsonField> mean = field.at("mean").elements();
  if (mean.size() != input.mean.size()) field.at("mean").refuse("a list of 3 numbers");
  constexpr float kLargest = std::numeric_limits<float>::max();
  for (size_t i = 0; i < mean.size(); ++i) {
    input.mean[i] = static_cast<float>(mean[i].number(-kLargest, kLargest));
  }
  return input;
}

Readout readout_of(const JsonField& field) {
  field.only_keys({"kind", "outputs", "offset", "gain"});
  Readout readout;
  readout.kind = value_of(kReadouts, field.at("kind").text(), "readout kind");
  readout.outputs = field.at("outputs").whole();
  if (field.has("offset")) readout.offset = field.at("offset").numbers(kMostOutputs);
  if (field.has("gain")) readout.gain = field.at("gain").numbers(kMostOutputs);
  return readout;
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
  const JsonField field(j, "architecture", "");
  field.only_keys({"input", "blocks", "readout"});
  a.input = input_of(field.at("input"));
  a.blocks.clear();
  for (const JsonField& block : field.at("blocks").elements(kMostBlocks)) {
    a.blocks.push_back(block_of(block));
  }
  a.readout = readout_of(field.at("readout"));
  a.validate();
}

}  // namespace secateur
