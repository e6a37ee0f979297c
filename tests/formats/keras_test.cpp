#include "formats/keras.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/formats/expect_refused.h"
#include "tests/formats/keras_fixture.h"

namespace secateur {
namespace {

using fixture::Spec;
using nlohmann::json;

StoredModel read_with(const std::function<void(json&)>& change, const Spec& spec = {}) {
  json config = fixture::config_of(spec);
  change(config);
  return parse_keras(fixture::archive(config, fixture::numbered_h5(spec)), "m.keras");
}

json& layer(json& config, const std::string& name) {
  for (json& one : config["config"]["layers"]) {
    if (one["name"] == name) return one;
  }
  throw std::logic_error("no layer " + name);
}

TEST(Keras, DescribesTheArchitecture) {
  const StoredModel model = parse_keras(fixture::keras_file({.width = 12}), "m.keras");
  const json& a = model.architecture;
  EXPECT_EQ(
      a["input"],
      json({{"channels", 3}, {"height", 8}, {"width", 12}, {"mean", {116.222, 109.270, 100.381}}}));
  ASSERT_EQ(a["blocks"].size(), 5u);
  EXPECT_EQ(a["blocks"][0], json({{"kind", "conv"},
                                  {"name", "layer0"},
                                  {"filters", 3},
                                  {"kernel", 5},
                                  {"stride", 1},
                                  {"activation", "relu"}}));
  EXPECT_EQ(a["blocks"][1], json({{"kind", "separable"},
                                  {"name", "layer1"},
                                  {"filters", 4},
                                  {"kernel", 5},
                                  {"stride", 2},
                                  {"activation", "relu"}}));
  EXPECT_EQ(a["readout"], json({{"kind", "dense"}, {"outputs", 1}}));
  EXPECT_EQ(model.tensors.at("readout.weight").shape(), Shape({1, 3, 2, 3}));
  EXPECT_EQ(model.metadata["keras_version"], "3.1.1");
}

// Array 0 of the fixture is the first kernel [5, 5, 3, 3] in the order y, x, input, output.
TEST(Keras, TransposesKernels) {
  const StoredModel model = parse_keras(fixture::keras_file({}), "m.keras");
  const Tensor& conv = model.tensors.at("layer0.conv.weight");
  ASSERT_EQ(conv.shape(), Shape({3, 3, 5, 5}));
  const auto at = [](const Tensor& t, int64_t a, int64_t b, int64_t c, int64_t d) {
    return t[((a * t.dim(1) + b) * t.dim(2) + c) * t.dim(3) + d];
  };
  for (int64_t o = 0; o < 3; ++o) {
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t y = 0; y < 5; ++y) {
        for (int64_t x = 0; x < 5; ++x) {
          EXPECT_EQ(at(conv, o, i, y, x), fixture::value_of(0, ((y * 5 + x) * 3 + i) * 3 + o));
        }
      }
    }
  }
  // Arrays 0 and 1 belong to the convolution, 2 to 5 to its norm, 6 is depthwise [5, 5, 3, 1].
  const Tensor& depthwise = model.tensors.at("layer1.depthwise.weight");
  ASSERT_EQ(depthwise.shape(), Shape({3, 1, 5, 5}));
  EXPECT_EQ(at(depthwise, 2, 0, 4, 1), fixture::value_of(6, (4 * 5 + 1) * 3 + 2));
  const Tensor& pointwise = model.tensors.at("layer1.pointwise.weight");
  ASSERT_EQ(pointwise.shape(), Shape({4, 3, 1, 1}));
  EXPECT_EQ(at(pointwise, 3, 1, 0, 0), fixture::value_of(7, 1 * 4 + 3));
  EXPECT_EQ(model.tensors.at("layer0.bn.gamma")[2], fixture::value_of(2, 2));
  EXPECT_EQ(model.tensors.at("layer0.bn.beta")[2], fixture::value_of(3, 2));
  EXPECT_EQ(model.tensors.at("layer0.bn.moving_mean")[2], fixture::value_of(4, 2));
  EXPECT_EQ(model.tensors.at("layer0.bn.moving_variance")[2], fixture::value_of(5, 2));
  // The dense kernel [(y, x, c), output] comes after five blocks: 6 + 4 * 7 arrays.
  const Tensor& dense = model.tensors.at("readout.weight");
  EXPECT_EQ(at(dense, 0, 2, 1, 0), fixture::value_of(34, (1 * 2 + 0) * 3 + 2));
}

TEST(Keras, ReadsTheFactorisedReadout) {
  const Spec spec{.height = 12, .width = 8, .outputs = 7, .factorised = true, .linear = true};
  const StoredModel model = parse_keras(fixture::keras_file(spec), "m.keras");
  EXPECT_EQ(model.architecture["readout"], json({{"kind", "factorised"}, {"outputs", 7}}));
  EXPECT_EQ(model.architecture["blocks"][3]["activation"], "linear");
  const Tensor& mixing = model.tensors.at("readout.mixing.weight");
  ASSERT_EQ(mixing.shape(), Shape({7, 3}));
  EXPECT_EQ(mixing[5 * 3 + 1], fixture::value_of(34, 1 * 7 + 5));
  const Tensor& spatial = model.tensors.at("readout.spatial.weight");
  ASSERT_EQ(spatial.shape(), Shape({7, 3, 2}));
  EXPECT_EQ(spatial[(4 * 3 + 2) * 2 + 1], fixture::value_of(36, (2 * 2 + 1) * 7 + 4));
}

TEST(Keras, ReadsOtherDepthsAndKernels) {
  const Spec spec{.height = 30,
                  .width = 18,
                  .filters = {1, 6, 9},
                  .strides = {1, 2, 1},
                  .kernel = 3,
                  .outputs = 2};
  const StoredModel model = parse_keras(fixture::keras_file(spec), "m.keras");
  EXPECT_EQ(model.architecture["blocks"].size(), 3u);
  EXPECT_EQ(model.tensors.at("layer2.depthwise.weight").shape(), Shape({6, 1, 3, 3}));
  EXPECT_EQ(model.tensors.at("readout.weight").shape(), Shape({2, 9, 15, 9}));
}

void expect_same(const StoredModel& a, const StoredModel& b) {
  EXPECT_EQ(a.architecture, b.architecture);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    EXPECT_TRUE(same_bits(tensor, b.tensors.at(name))) << name;
  }
}

TEST(KerasH5, LegacyFilesAndWeightFilesHoldTheSame) {
  for (const bool factorised : {false, true}) {
    for (const bool linear : {false, true}) {
      const Spec spec{.outputs = 3, .factorised = factorised, .linear = linear};
      const StoredModel model = parse_keras(fixture::keras_file(spec), "m.keras");
      expect_same(model, parse_keras_h5(fixture::numbered_h5(spec), "m.weights.h5"));
      const json config = fixture::legacy_config_of(spec);
      expect_same(model, parse_keras_h5(fixture::legacy_h5(spec, config), "m.h5"));
    }
  }
}

TEST(KerasH5, DerivesTheImageFromAFactorisedReadoutThatIsNotSquare) {
  const Spec spec{.height = 12, .width = 8, .outputs = 2, .factorised = true};
  const StoredModel model = parse_keras_h5(fixture::numbered_h5(spec), "m.weights.h5");
  EXPECT_EQ(model.architecture["input"]["height"], 12);
  EXPECT_EQ(model.architecture["input"]["width"], 8);
}

TEST(KerasH5, RefusesAReadoutThatIsNotSquare) {
  const std::string bytes = fixture::numbered_h5({.height = 12, .width = 8});
  expect_refused([&] { parse_keras_h5(bytes, "m.weights.h5"); }, "m.weights.h5");
}

struct Change {
  const char* layer;
  const char* key;
  json value;
};

TEST(Keras, RefusesEveryAttributeThatChangesTheComputation) {
  const std::vector<Change> changes = {
      {"layer0_conv", "padding", "valid"},
      {"layer0_conv", "dilation_rate", {2, 2}},
      {"layer0_conv", "groups", 3},
      {"layer0_conv", "data_format", "channels_first"},
      {"layer0_conv", "use_bias", false},
      {"layer0_conv", "activation", "relu"},
      {"layer0_conv", "kernel_size", {5, 3}},
      {"layer0_conv", "kernel_size", {3, 3}},
      {"layer0_conv", "strides", {1, 2}},
      {"layer0_conv", "filters", 4},
      {"layer0_conv", "filters", -1},
      {"layer0_conv", "filters", "many"},
      {"layer0_conv", "dtype", "float16"},
      {"layer0_conv", "quantise", "int8"},
      {"layer1_conv", "depth_multiplier", 2},
      {"layer1_conv", "strides", {3, 3}},
      {"layer1_conv", "strides", {0, 0}},
      {"layer0_bn", "epsilon", 1e-5},
      {"layer0_bn", "axis", 1},
      {"layer0_bn", "scale", false},
      {"layer0_bn", "center", false},
      {"layer0_act", "activation", "gelu"},
      {"embeddings", "data_format", "channels_first"},
      {"Beta", "activation", "relu"},
      {"Beta", "use_bias", false},
      {"Beta", "units", 0},
      {"image_input", "batch_shape", {nullptr, 8, 8, 4}},
      {"image_input", "batch_shape", {nullptr, 7, 8, 3}},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(std::string(change.layer) + "." + change.key + " = " + change.value.dump());
    expect_refused(
        [&] {
          read_with([&](json& c) { layer(c, change.layer)["config"][change.key] = change.value; });
        },
        "m.keras");
  }
}

TEST(Keras, AbsentAttributesHaveTheValuesKerasGivesThem) {
  const auto without = [](const char* name, const char* key) {
    return read_with([&](json& c) { layer(c, name)["config"].erase(key); });
  };
  for (const char* key : {"strides", "dilation_rate", "groups", "activation", "data_format"}) {
    EXPECT_NO_THROW(without("layer0_conv", key)) << key;
  }
  EXPECT_NO_THROW(without("layer0_bn", "epsilon"));
  // Keras pads 'valid' unless told otherwise, which is another computation.
  expect_refused([&] { without("layer0_conv", "padding"); }, "layer0_conv");
}

TEST(Keras, RefusesOtherLayersAndOrders) {
  const auto refuse = [](const std::function<void(json&)>& change, const char* part) {
    expect_refused([&] { read_with(change); }, part);
  };
  refuse([](json& c) { layer(c, "layer1_act")["class_name"] = "Lambda"; }, "Lambda");
  refuse([](json& c) { layer(c, "layer1_act")["module"] = "my.layers"; }, "my.layers");
  refuse([](json& c) { layer(c, "layer1_act")["registered_name"] = "Custom>Act"; }, "layer1_act");
  refuse([](json& c) { c["config"]["layers"].erase(2); }, "layer0_act");  // a norm is missing
  refuse([](json& c) { std::swap(c["config"]["layers"][1], c["config"]["layers"][2]); }, "layer0");
  refuse([](json& c) { layer(c, "layer2_conv")["inbound_nodes"] = json::array(); }, "layer2_conv");
  refuse([](json& c) { c["config"]["output_layers"][0][0] = "embeddings"; }, "output");
  refuse([](json& c) { c["class_name"] = "Sequential"; }, "Functional");
  refuse([](json& c) { c["config"]["layers"] = json::array(); }, "layers");
  refuse([](json& c) { c["config"]["layers"][3] = 5; }, "m.keras");
  refuse([](json& c) { c = json::array(); }, "Functional");
}

TEST(Keras, RefusesArchivesThatAreNotWhole) {
  const auto refuse = [](const std::vector<std::pair<std::string, std::string>>& members,
                         const char* part) {
    ZipWriter zip;
    for (const auto& [name, bytes] : members) zip.add(name, bytes, ZipWriter::Method::kStored);
    expect_refused([&] { parse_keras(zip.bytes(), "m.keras"); }, part);
  };
  const std::string config = fixture::config_of({}).dump();
  refuse({{"config.json", config}}, "metadata.json");
  refuse({{"metadata.json", "{}"}}, "config.json");
  refuse({{"config.json", config}, {"metadata.json", "{}"}}, "model.weights.h5");
  refuse({{"config.json", config}, {"metadata.json", "{}"}, {"model.weights.h5", ""}}, "m.keras");
  refuse({{"run.py", "import os"}}, "run.py");
  refuse({{"config.json", "{"}, {"metadata.json", "{}"}}, "JSON");
  expect_refused([] { parse_keras("not a zip at all, but long enough", "m.keras"); }, "m.keras");
}

// Weights of a second model under the description of the first.
TEST(Keras, RefusesWeightsThatDoNotFitTheDescription) {
  const auto refuse = [](const Spec& described, const Spec& held) {
    const std::string bytes =
        fixture::archive(fixture::config_of(described), fixture::numbered_h5(held));
    expect_refused([&] { parse_keras(bytes, "m.keras"); }, "m.keras");
  };
  refuse({}, {.filters = {3, 4, 2, 2, 4}});
  refuse({}, {.outputs = 2});
  refuse({.filters = {3, 4}, .strides = {1, 2}}, {.filters = {3, 4, 2}, .strides = {1, 2, 2}});
  refuse({.filters = {3, 4, 2}, .strides = {1, 2, 2}}, {.filters = {3, 4}, .strides = {1, 2}});
}

TEST(Keras, RefusesWeightsOfALayerThatIsNotDescribed) {
  fixture::Hdf5Image image;
  fixture::fill_numbered(image, {});
  image.floats("layers/dense_1/vars/0", {1}, {1.0f});
  const std::string bytes = fixture::archive(fixture::config_of({}), image.bytes());
  expect_refused([&] { parse_keras(bytes, "m.keras"); }, "dense_1");
}

// Keras would round the odd side up and pad it otherwise than an even one.
TEST(Keras, RefusesStridesOnOddSides) {
  const Spec spec{.height = 6, .width = 8, .filters = {2, 2, 2}, .strides = {1, 2, 2}};
  expect_refused([&] { parse_keras(fixture::keras_file(spec), "m.keras"); }, "stride");
}

TEST(Keras, RefusesValuesThatAreNotNumbers) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1.0f}) {
    fixture::Hdf5Image image;
    fixture::fill_numbered(image, {});
    const char* variance = "layers/batch_normalization/vars/3";
    H5Ldelete(image.file(), variance, H5P_DEFAULT);
    image.floats(variance, {3}, {1.0f, bad, 1.0f});
    const std::string bytes = fixture::archive(fixture::config_of({}), image.bytes());
    expect_refused([&] { parse_keras(bytes, "m.keras"); }, "batch_normalization/vars/3");
  }
}

}  // namespace
}  // namespace secateur
