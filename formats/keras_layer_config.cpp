#include "formats/keras_layer_config.h"

#include <cmath>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

// The value of a key, or null: at() of a const object without the key would throw.
const json& member(const json& object, const char* key) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

bool only_matters_in_training(const std::string& key) {
  for (const char* ending : {"_initializer", "_regularizer", "_constraint"}) {
    if (key.ends_with(ending)) return true;
  }
  return key == "name" || key == "trainable" || key == "dtype" || key == "momentum" ||
         key == "synchronized" || key == "optional";
}

bool is_float32(const json& dtype) {
  if (dtype.is_object()) {
    return member(dtype, "class_name") == "DTypePolicy" &&
           member(member(dtype, "config"), "name") == "float32";
  }
  return dtype.is_null() || dtype == "float32";
}

bool from_keras(const json& layer) {
  const json& module = member(layer, "module");
  const bool known = module.is_null() || module == "keras.layers" ||
                     (module.is_string() && module.get<std::string>().starts_with("keras.src."));
  return known && member(layer, "registered_name").is_null();
}

// Keras 3: {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0,
// 0]}}], "kwargs": {}}. Before: [[name, 0, 0, {}]]. Returns [name, 0, 0, ...] or null.
const json& history(const json& node) {
  static const json kNull;
  if (node.is_array()) {
    const bool one = node.size() == 1 && node[0].is_array() && node[0].size() == 4;
    return one && node[0][3] == json::object() ? node[0] : kNull;
  }
  for (const auto& item : member(node, "kwargs").items()) {
    if (!item.value().is_null()) return kNull;
  }
  const json& arguments = member(node, "args");
  if (!arguments.is_array() || arguments.size() != 1) return kNull;
  if (member(arguments[0], "class_name") != "__keras_tensor__") return kNull;
  return member(member(arguments[0], "config"), "keras_history");
}

}  // namespace

KerasLayerConfig::KerasLayerConfig(const json& layer, const std::string& file)
    : layer_(layer), config_(&member(layer, "config")), file_(file) {
  const json& class_name = member(layer, "class_name");
  const json& name = member(*config_, "name");
  require(class_name.is_string() && name.is_string(), "keras",
          "{} has a layer without class, name or configuration", file);
  class_name_ = class_name.get<std::string>();
  name_ = name.get<std::string>();
  if (!from_keras(layer)) refuse("module", "a layer of Keras itself");
  const json& outer = member(layer, "name");
  if (!outer.is_null() && outer != name) refuse("name", "the same name inside and outside");
  if (!is_float32(member(*config_, "dtype"))) refuse("dtype", "float32");
}

void KerasLayerConfig::refuse(const std::string& key, const std::string& wanted) const {
  const json& value =
      config_->contains(key) ? member(*config_, key.c_str()) : member(layer_, key.c_str());
  fail(ErrorKind::kBadInput, "keras", "{}: layer {} has {} = {}, wanted {}", file_,
       printable(name_), printable(key), shown(value), wanted);
}

std::string KerasLayerConfig::input() const {
  const json& nodes = member(layer_, "inbound_nodes");
  if (nodes.is_null() || (nodes.is_array() && nodes.empty())) return "";
  const json& tensor = nodes.is_array() && nodes.size() == 1 ? history(nodes[0]) : json();
  const bool plain = tensor.is_array() && tensor.size() >= 3 && tensor[0].is_string() &&
                     tensor[1] == 0 && tensor[2] == 0;
  if (!plain) refuse("inbound_nodes", "one input, used once");
  return tensor[0].get<std::string>();
}

const json* KerasLayerConfig::find(const std::string& key) {
  asked_.insert(key);
  const auto found = config_->find(key);
  return found == config_->end() ? nullptr : &*found;
}

int64_t KerasLayerConfig::integer(const std::string& key) {
  const json* value = find(key);
  constexpr int64_t kMost = int64_t{1} << 31;
  const bool fits = value != nullptr && value->is_number_integer() && *value >= 0 && *value < kMost;
  if (!fits) refuse(key, "a count");
  return value->get<int64_t>();
}

std::array<int64_t, 2> KerasLayerConfig::pair(const std::string& key) {
  const json* value = find(key);
  if (value == nullptr || !value->is_array()) {
    const int64_t side = integer(key);
    return {side, side};
  }
  constexpr int64_t kMost = int64_t{1} << 31;
  const auto fits = [](const json& v) { return v.is_number_integer() && v >= 0 && v < kMost; };
  if (value->size() != 2 || !fits((*value)[0]) || !fits((*value)[1])) refuse(key, "two counts");
  return {(*value)[0].get<int64_t>(), (*value)[1].get<int64_t>()};
}

int64_t KerasLayerConfig::square(const std::string& key, int64_t fallback) {
  if (find(key) == nullptr) return fallback;
  const auto [height, width] = pair(key);
  if (height != width) refuse(key, "the same for height and width");
  return height;
}

std::array<int64_t, 4> KerasLayerConfig::batch_shape() {
  const json* shape = find("batch_shape");
  const json* older = find("batch_input_shape");
  if (shape == nullptr) shape = older;
  if (shape == nullptr || !shape->is_array() || shape->size() != 4) {
    refuse("batch_shape", "[null, height, width, channels]");
  }
  std::array<int64_t, 4> result{};
  for (size_t i = 0; i < result.size(); ++i) {
    const json& extent = (*shape)[i];
    constexpr int64_t kMost = int64_t{1} << 31;
    if (extent.is_null()) {
      result[i] = -1;
    } else if (extent.is_number_integer() && extent >= 0 && extent < kMost) {
      result[i] = extent.get<int64_t>();
    } else {
      refuse("batch_shape", "[null, height, width, channels]");
    }
  }
  return result;
}

void KerasLayerConfig::only(const std::string& key, const json& value, const json& fallback) {
  const json* found = find(key);
  const json& given = found == nullptr || found->is_null() ? fallback : *found;
  if (given != value) refuse(key, shown(value));
}

void KerasLayerConfig::only_number(const std::string& key, double value) {
  const json* found = find(key);
  if (found == nullptr) return;
  constexpr double kRelative = 1e-6;
  const bool close =
      found->is_number() && std::abs(found->get<double>() - value) <= kRelative * std::abs(value);
  if (!close) refuse(key, fmt::format("{}", value));
}

void KerasLayerConfig::only_last_axis(const std::string& key) {
  const json* found = find(key);
  if (found == nullptr) return;
  const json& axis = found->is_array() && found->size() == 1 ? (*found)[0] : *found;
  constexpr int kLast = 3;  // of batch, height, width, channels
  if (axis != -1 && axis != kLast) refuse(key, "the last");
}

std::string KerasLayerConfig::text(const std::string& key) {
  const json* value = find(key);
  if (value == nullptr || !value->is_string()) refuse(key, "a name");
  return value->get<std::string>();
}

void KerasLayerConfig::finish() const {
  for (const auto& item : config_->items()) {
    const bool harmless = asked_.contains(item.key()) || only_matters_in_training(item.key()) ||
                          item.value().is_null() || item.value() == false;
    if (!harmless) refuse(item.key(), "nothing that this program does not know");
  }
}

}  // namespace secateur
