#include "formats/keras_config.h"

#include <map>
#include <set>
#include <vector>

#include "formats/byte_reader.h"
#include "formats/keras_layer_config.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;
using Layer = KerasLayerConfig;
using Builder = KerasGraphBuilder;

// What all convolutions share. The activation is a layer of its own in this family, behind the
// normalisation, so one inside the convolution would be another computation.
void check_convolution(Layer& layer, const char* padding) {
  layer.only("padding", padding, "valid");
  layer.only("data_format", "channels_last", "channels_last");
  layer.only("use_bias", true, true);
  layer.only("groups", 1, 1);
  layer.only("depth_multiplier", 1, 1);
  layer.only("activation", "linear", "linear");
  if (layer.square("dilation_rate", 1) != 1) layer.refuse("dilation_rate", "1");
}

void read_input(Layer& layer, Builder& builder) {
  const auto [batch, height, width, channels] = layer.batch_shape();
  builder.input(layer.name(), height, width, channels);
}

void read_conv(Layer& layer, Builder& builder) {
  check_convolution(layer, "same");
  builder.conv(layer.name(), layer.integer("filters"), layer.square("kernel_size", 0),
               layer.square("strides", 1));
}

// The 1 x 1 convolution in front of the spatial weights; its padding is without effect.
void read_mixing(Layer& layer, Builder& builder) {
  check_convolution(layer, layer.text("padding") == "valid" ? "valid" : "same");
  if (layer.square("kernel_size", 0) != 1) layer.refuse("kernel_size", "1");
  if (layer.square("strides", 1) != 1) layer.refuse("strides", "1");
  builder.mixing(layer.name(), layer.integer("filters"));
}

void read_separable(Layer& layer, Builder& builder) {
  check_convolution(layer, "same");
  builder.separable(layer.name(), layer.integer("filters"), layer.square("kernel_size", 0),
                    layer.square("strides", 1));
}

void read_spatial(Layer& layer, Builder& builder) {
  check_convolution(layer, "valid");
  if (layer.square("strides", 1) != 1) layer.refuse("strides", "1");
  const auto [height, width] = layer.pair("kernel_size");
  builder.spatial(layer.name(), height, width);
}

void read_normalisation(Layer& layer, Builder& builder) {
  layer.only_last_axis("axis");
  layer.only_number("epsilon", 1e-3);
  layer.only("center", true, true);
  layer.only("scale", true, true);
  builder.normalisation(layer.name());
}

void read_activation(Layer& layer, Builder& builder) {
  builder.activation(layer.name(), layer.text("activation"));
}

void read_flatten(Layer& layer, Builder& builder) {
  layer.only("data_format", "channels_last", "channels_last");
  builder.flatten(layer.name());
}

void read_dense(Layer& layer, Builder& builder) {
  layer.only("activation", "linear", "linear");
  layer.only("use_bias", true, true);
  builder.dense(layer.name(), layer.integer("units"));
}

void read_layer(Layer& layer, const std::string& next_class, Builder& builder) {
  static const std::map<std::string, void (*)(Layer&, Builder&)> kReaders = {
      {"InputLayer", read_input},
      {"Conv2D", read_conv},
      {"SeparableConv2D", read_separable},
      {"BatchNormalization", read_normalisation},
      {"Activation", read_activation},
      {"Flatten", read_flatten},
      {"Dense", read_dense},
      {"DepthwiseConv2D", read_spatial}};
  const auto reader = kReaders.find(layer.class_name());
  if (reader == kReaders.end()) layer.refuse("class_name", "a layer of the published family");
  const bool mixing = layer.class_name() == "Conv2D" && next_class == "DepthwiseConv2D";
  mixing ? read_mixing(layer, builder) : reader->second(layer, builder);
  layer.finish();
}

// [[name, 0, 0]], or [name, 0, 0] as newer versions write it.
bool names_only(const json& ends, const std::string& name) {
  const json one = {name, 0, 0};
  return ends == one || ends == json::array({one});
}

const json& layers_of(const json& config, const std::string& file) {
  const bool known = config.is_object() && config.contains("class_name") &&
                     (config["class_name"] == "Functional" || config["class_name"] == "Model");
  require(known, "keras", "{} does not describe a Functional Keras model", file);
  const bool whole = config.contains("config") && config["config"].is_object() &&
                     config["config"].contains("layers") &&
                     config["config"].contains("input_layers") &&
                     config["config"].contains("output_layers");
  require(whole, "keras", "{} lists no layers, inputs or outputs", file);
  const json& layers = config["config"]["layers"];
  constexpr size_t kMostLayers = 1024;
  require(layers.is_array() && !layers.empty() && layers.size() <= kMostLayers, "keras",
          "{} wanted a list of 1 to {} layers", file, kMostLayers);
  return layers;
}

}  // namespace

KerasGraph read_keras_config(const json& config, const std::string& file) {
  const json& list = layers_of(config, file);
  std::vector<Layer> layers;
  std::set<std::string> names;
  for (const json& element : list) {
    layers.emplace_back(element, file);
    const Layer& layer = layers.back();
    const std::string reads = layers.size() == 1 ? "" : layers[layers.size() - 2].name();
    if (layer.input() != reads) layer.refuse("inbound_nodes", "the layer listed before it");
    if (!names.insert(layer.name()).second) layer.refuse("name", "a name of its own");
  }
  const json& ends = config["config"];
  require(names_only(ends["input_layers"], layers.front().name()) &&
              names_only(ends["output_layers"], layers.back().name()),
          "keras", "{} wanted the first layer as the only input and the last as the only output",
          file);
  KerasGraphBuilder builder(file);
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool last = i + 1 == layers.size();
    read_layer(layers[i], last ? "" : layers[i + 1].class_name(), builder);
  }
  return builder.finish();
}

}  // namespace secateur
