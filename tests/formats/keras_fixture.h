#pragma once
// Keras models of the family made from nothing, their HDF5 written by the HDF5 library: what our
// reader says is held against an independent writer.

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/zip.h"

namespace secateur::fixture {

using nlohmann::json;

struct Spec {
  int64_t height = 8;
  int64_t width = 8;
  std::vector<int64_t> filters = {3, 4, 2, 2, 3};
  std::vector<int64_t> strides = {1, 2, 2, 1, 1};
  int64_t kernel = 5;
  int64_t outputs = 1;
  bool factorised = false;
  bool linear = false;

  int64_t out(int64_t side) const {
    for (const int64_t stride : strides) side /= stride;
    return side;
  }
};

// The value that the fixture gives element `index` of array `number` of the file.
inline float value_of(int64_t number, int64_t index) {
  return 0.01f + static_cast<float>(number) + static_cast<float>(index) / 1024.0f;
}

// ---- HDF5 -------------------------------------------------------------------------------------

class Hdf5Image {
 public:
  Hdf5Image() {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 1 << 16, false);
    static int images = 0;  // two open images may not share a name
    file_ =
        H5Fcreate(("image" + std::to_string(images++)).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
  }
  ~Hdf5Image() { H5Fclose(file_); }
  Hdf5Image(const Hdf5Image&) = delete;
  Hdf5Image& operator=(const Hdf5Image&) = delete;

  hid_t file() const { return file_; }

  void group(const std::string& path) {
    const hid_t links = creating_parents();
    H5Gclose(H5Gcreate2(file_, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT));
    H5Pclose(links);
  }

  void floats(const std::string& path, const std::vector<hsize_t>& shape,
              const std::vector<float>& values, hid_t creation = H5P_DEFAULT,
              hid_t type = H5T_IEEE_F32LE) {
    const hid_t links = creating_parents();
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, path.c_str(), type, space, links, creation, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
  }

  void numbered(const std::string& path, const std::vector<hsize_t>& shape) {
    hsize_t count = 1;
    for (const hsize_t extent : shape) count *= extent;
    std::vector<float> values;
    for (hsize_t i = 0; i < count; ++i) {
      values.push_back(value_of(arrays_, static_cast<int64_t>(i)));
    }
    ++arrays_;
    floats(path, shape, values);
  }

  void text(const std::string& group, const char* name, const std::string& value) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    const hid_t space = H5Screate(H5S_SCALAR);
    const char* pointer = value.c_str();
    attribute(group, name, type, space, &pointer);
  }

  void texts(const std::string& group, const char* name, const std::vector<std::string>& values) {
    size_t longest = 1;
    for (const std::string& value : values) longest = std::max(longest, value.size());
    std::string packed;
    for (const std::string& value : values) {
      packed += value + std::string(longest - value.size(), '\0');
    }
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, longest);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    const hsize_t count = values.size();
    attribute(group, name, type, H5Screate_simple(1, &count, nullptr), packed.data());
  }

  std::string bytes() const {
    H5Fflush(file_, H5F_SCOPE_GLOBAL);
    std::string result(static_cast<size_t>(H5Fget_file_image(file_, nullptr, 0)), '\0');
    H5Fget_file_image(file_, result.data(), result.size());
    return result;
  }

 private:
  static hid_t creating_parents() {
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    return links;
  }

  void attribute(const std::string& group, const char* name, hid_t type, hid_t space,
                 const void* data) {
    const hid_t object = H5Oopen(file_, group.c_str(), H5P_DEFAULT);
    const hid_t made = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(made, type, data);
    H5Aclose(made);
    H5Oclose(object);
    H5Sclose(space);
    H5Tclose(type);
  }

  hid_t file_;
  int64_t arrays_ = 0;
};

struct Array {
  std::string leaf;
  std::vector<hsize_t> shape;
};

struct Layer {
  std::string class_name;
  std::string name;
  json config;
  std::vector<Array> arrays;
};

inline json convolution(const std::string& padding, int64_t side_y, int64_t side_x,
                        int64_t stride) {
  return {{"kernel_size", {side_y, side_x}},
          {"strides", {stride, stride}},
          {"padding", padding},
          {"data_format", "channels_last"},
          {"dilation_rate", {1, 1}},
          {"activation", "linear"},
          {"use_bias", true},
          {"bias_initializer", {{"class_name", "Zeros"}}}};
}

inline std::vector<Layer> layers_of(const Spec& spec) {
  std::vector<Layer> layers;
  layers.push_back({"InputLayer",
                    "image_input",
                    {{"batch_shape", {nullptr, spec.height, spec.width, 3}}, {"sparse", false}},
                    {}});
  const auto k = static_cast<hsize_t>(spec.kernel);
  hsize_t channels = 3;
  for (size_t i = 0; i < spec.filters.size(); ++i) {
    const std::string name = "layer" + std::to_string(i);
    const auto filters = static_cast<hsize_t>(spec.filters[i]);
    json config = convolution("same", spec.kernel, spec.kernel, spec.strides[i]);
    config["filters"] = filters;
    if (i == 0) {
      config["groups"] = 1;
      layers.push_back({"Conv2D",
                        name + "_conv",
                        config,
                        {{"kernel", {k, k, channels, filters}}, {"bias", {filters}}}});
    } else {
      config["depth_multiplier"] = 1;
      layers.push_back({"SeparableConv2D",
                        name + "_conv",
                        config,
                        {{"depthwise_kernel", {k, k, channels, 1}},
                         {"pointwise_kernel", {1, 1, channels, filters}},
                         {"bias", {filters}}}});
    }
    layers.push_back({"BatchNormalization",
                      name + "_bn",
                      {{"axis", -1},
                       {"momentum", 0.99},
                       {"epsilon", 0.001},
                       {"center", true},
                       {"scale", true},
                       {"synchronized", false}},
                      {{"gamma", {filters}},
                       {"beta", {filters}},
                       {"moving_mean", {filters}},
                       {"moving_variance", {filters}}}});
    if (!spec.linear) {
      layers.push_back({"Activation", name + "_act", {{"activation", "relu"}}, {}});
    }
    channels = filters;
  }
  const auto h = static_cast<hsize_t>(spec.out(spec.height));
  const auto w = static_cast<hsize_t>(spec.out(spec.width));
  const auto outputs = static_cast<hsize_t>(spec.outputs);
  if (spec.factorised) {
    json mixing = convolution("same", 1, 1, 1);
    mixing["filters"] = outputs;
    layers.push_back({"Conv2D",
                      "mixing_stage",
                      mixing,
                      {{"kernel", {1, 1, channels, outputs}}, {"bias", {outputs}}}});
    layers.push_back({"DepthwiseConv2D",
                      "spatial_pool_stage",
                      convolution("valid", spec.out(spec.height), spec.out(spec.width), 1),
                      {{"depthwise_kernel", {h, w, outputs, 1}}, {"bias", {outputs}}}});
  }
  layers.push_back({"Flatten", "embeddings", {{"data_format", "channels_last"}}, {}});
  if (!spec.factorised) {
    layers.push_back({"Dense",
                      "Beta",
                      {{"units", outputs}, {"activation", "linear"}, {"use_bias", true}},
                      {{"kernel", {h * w * channels, outputs}}, {"bias", {outputs}}}});
  }
  return layers;
}

// ---- configuration ----------------------------------------------------------------------------

inline json config_of(const Spec& spec) {
  json list = json::array();
  std::string before;
  for (const Layer& layer : layers_of(spec)) {
    json config = layer.config;
    config["name"] = layer.name;
    config["dtype"] = "float32";
    config["trainable"] = true;
    json nodes = json::array();
    if (!before.empty()) {
      const json tensor = {{"class_name", "__keras_tensor__"},
                           {"config", {{"dtype", "float32"}, {"keras_history", {before, 0, 0}}}}};
      nodes = json::array({{{"args", json::array({tensor})}, {"kwargs", json::object()}}});
    }
    list.push_back({{"module", "keras.layers"},
                    {"class_name", layer.class_name},
                    {"config", config},
                    {"registered_name", nullptr},
                    {"name", layer.name},
                    {"inbound_nodes", nodes}});
    before = layer.name;
  }
  return {{"class_name", "Functional"},
          {"config",
           {{"name", "functional_1"},
            {"layers", list},
            {"input_layers", json::array({json::array({"image_input", 0, 0})})},
            {"output_layers", json::array({json::array({before, 0, 0})})}}}};
}

inline json legacy_config_of(const Spec& spec) {
  json config = config_of(spec);
  config["class_name"] = "Model";
  std::string before;
  for (json& layer : config["config"]["layers"]) {
    layer.erase("module");
    layer.erase("registered_name");
    layer["inbound_nodes"] = json::array();
    if (!before.empty()) {
      layer["inbound_nodes"] =
          json::array({json::array({json::array({before, 0, 0, json::object()})})});
    }
    if (layer["class_name"] == "InputLayer") {
      layer["config"]["batch_input_shape"] = layer["config"]["batch_shape"];
      layer["config"].erase("batch_shape");
    }
    if (layer["class_name"] == "BatchNormalization") layer["config"]["axis"] = json::array({3});
    before = layer["name"];
  }
  return config;
}

// ---- files ------------------------------------------------------------------------------------

inline std::string group_of(const std::string& class_name, std::map<std::string, int>& used) {
  static const std::map<std::string, std::string> kNames = {
      {"InputLayer", "input_layer"},
      {"Conv2D", "conv2d"},
      {"SeparableConv2D", "separable_conv2d"},
      {"BatchNormalization", "batch_normalization"},
      {"Activation", "activation"},
      {"Flatten", "flatten"},
      {"Dense", "dense"},
      {"DepthwiseConv2D", "depthwise_conv2d"}};
  const int number = used[class_name]++;
  return kNames.at(class_name) + (number == 0 ? "" : "_" + std::to_string(number));
}

inline void fill_numbered(Hdf5Image& image, const Spec& spec) {
  std::map<std::string, int> used;
  for (const Layer& layer : layers_of(spec)) {
    const std::string vars = "layers/" + group_of(layer.class_name, used) + "/vars";
    image.group(vars);
    for (size_t i = 0; i < layer.arrays.size(); ++i) {
      image.numbered(vars + "/" + std::to_string(i), layer.arrays[i].shape);
    }
  }
}

inline std::string numbered_h5(const Spec& spec) {
  Hdf5Image image;
  fill_numbered(image, spec);
  return image.bytes();
}

inline std::string legacy_h5(const Spec& spec, const json& config) {
  Hdf5Image image;
  std::vector<std::string> names;
  for (const Layer& layer : layers_of(spec)) {
    names.push_back(layer.name);
    const std::string group = "model_weights/" + layer.name;
    image.group(group);
    std::vector<std::string> weights;
    for (const Array& array : layer.arrays) {
      weights.push_back(layer.name + "_1/" + array.leaf + ":0");
      image.numbered(group + "/" + weights.back(), array.shape);
    }
    image.texts(group, "weight_names", weights);
  }
  image.texts("model_weights", "layer_names", names);
  image.text("/", "model_config", config.dump());
  return image.bytes();
}

inline std::string archive(const json& config, const std::string& weights) {
  ZipWriter zip;
  zip.add("metadata.json", R"({"keras_version": "3.1.1"})", ZipWriter::Method::kStored);
  zip.add("config.json", config.dump(), ZipWriter::Method::kDeflated);
  zip.add("model.weights.h5", weights, ZipWriter::Method::kStored);
  return zip.bytes();
}

inline std::string keras_file(const Spec& spec) {
  return archive(config_of(spec), numbered_h5(spec));
}

}  // namespace secateur::fixture
