#include "formats/keras_weights.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "formats/byte_reader.h"
#include "tensor/error.h"

namespace secateur {
namespace {

// "SeparableConv2D" is kept as "separable_conv2d".
std::string snake_case(const std::string& class_name) {
  std::string result;
  for (size_t i = 0; i < class_name.size(); ++i) {
    const auto c = static_cast<unsigned char>(class_name[i]);
    const bool word = std::isupper(c) != 0 && i > 0 && i + 1 < class_name.size();
    if (word) result += '_';
    result += static_cast<char>(std::tolower(c));
  }
  return result;
}

// [y, x, i, o] to [o, i, y, x]. For a depthwise kernel, whose o is 1, that is one map per i.
Tensor to_oihw(const Tensor& hwio) {
  const int64_t pixels = hwio.dim(0) * hwio.dim(1);
  const int64_t in = hwio.dim(2);
  const int64_t out = hwio.dim(3);
  Tensor result(Shape{out * in * pixels});
  const float* from = hwio.data();
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t o = 0; o < out; ++o) result[(o * in + i) * pixels + p] = *from++;
    }
  }
  return result;
}

Tensor read_variable(Hdf5File& file, const std::string& path, const KerasVariable& variable) {
  return from_keras(file.tensor(path), variable, file.file(), path);
}

std::vector<std::string> listed(const Hdf5File& file, const std::string& group,
                                const char* attribute) {
  const auto names = file.strings(group, attribute);
  require(names.has_value(), "keras", "{}: {} has no list {}", file.file(), printable(group),
          attribute);
  return *names;
}

}  // namespace

Tensor from_keras(const Tensor& stored, const KerasVariable& variable, const std::string& file,
                  const std::string& name) {
  require(stored.shape() == variable.stored, "keras", "{}: {} is {}, wanted {}", file,
          printable(name), stored.shape(), variable.stored);
  require(stored.all_finite(), "keras", "{}: {} has values that are not finite", file,
          printable(name));
  const bool variance = variable.leaf == "moving_variance";
  require(!variance || std::all_of(stored.values().begin(), stored.values().end(),
                                   [](float v) { return v >= 0.0f; }),
          "keras", "{}: {} has a negative variance", file, printable(name));
  if (variable.hwio.rank() == 1) return stored;
  return to_oihw(stored.reshaped(variable.hwio)).reshaped(variable.result);
}

std::string keras_variable_name(const std::string& weight_name) {
  const std::string leaf = weight_name.substr(weight_name.rfind('/') + 1);
  return leaf.ends_with(":0") ? leaf.substr(0, leaf.size() - 2) : leaf;
}

std::string KerasGroupNames::next(const std::string& class_name) {
  const std::string name = snake_case(class_name);
  const int number = used_[name]++;
  return number == 0 ? name : fmt::format("{}_{}", name, number);
}

std::map<std::string, Tensor> read_numbered_weights(Hdf5File& file, const KerasGraph& graph) {
  std::map<std::string, Tensor> tensors;
  std::set<std::string> known;
  KerasGroupNames groups;
  const std::vector<std::string> present = file.children("layers");
  for (const KerasLayer& layer : graph.layers) {
    const std::string group = groups.next(layer.class_name);
    known.insert(group);
    // A layer without arrays has an empty group or none.
    if (layer.variables.empty() && !std::binary_search(present.begin(), present.end(), group)) {
      continue;
    }
    const std::string vars = "layers/" + group + "/vars";
    const size_t count = file.children(vars).size();
    require(count == layer.variables.size(), "keras", "{}: layer {} has {} arrays in {}, wanted {}",
            file.file(), printable(layer.name), count, vars, layer.variables.size());
    for (size_t i = 0; i < layer.variables.size(); ++i) {
      const KerasVariable& variable = layer.variables[i];
      tensors[variable.tensor] = read_variable(file, fmt::format("{}/{}", vars, i), variable);
    }
  }
  for (const std::string& group : present) {
    require(known.contains(group), "keras", "{} has arrays of a layer {} that its model has not",
            file.file(), printable(group));
  }
  return tensors;
}

std::map<std::string, Tensor> read_named_weights(Hdf5File& file, const KerasGraph& graph) {
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> names;
  for (const KerasLayer& layer : graph.layers) names.push_back(layer.name);
  require(listed(file, "model_weights", "layer_names") == names, "keras",
          "{} has weights of other layers than its model", file.file());
  for (const KerasLayer& layer : graph.layers) {
    const std::string group = "model_weights/" + layer.name;
    const std::vector<std::string> weights = listed(file, group, "weight_names");
    require(weights.size() == layer.variables.size(), "keras",
            "{}: layer {} lists {} arrays, wanted {}", file.file(), printable(layer.name),
            weights.size(), layer.variables.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      const KerasVariable& variable = layer.variables[i];
      require(keras_variable_name(weights[i]) == variable.leaf, "keras",
              "{}: layer {} lists {}, wanted {}", file.file(), printable(layer.name),
              printable(weights[i]), variable.leaf);
      tensors[variable.tensor] = read_variable(file, group + "/" + weights[i], variable);
    }
  }
  return tensors;
}

}  // namespace secateur
