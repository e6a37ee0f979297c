#include "formats/layer_arrays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "formats/npy_header.h"
#include "formats/safetensors.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/keras_fixture.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

using fixture::Hdf5Image;
using testing::ElementsAre;

const std::vector<std::string> kTwoLayers = {"stem_bn/beta",        "stem_bn/gamma",
                                             "stem_bn/moving_mean", "stem_bn/moving_variance",
                                             "stem_conv/bias",      "stem_conv/kernel"};

// A convolution, its batch norm and a layer without arrays, as Keras 2 writes them.
std::string listed_h5(const std::string& top, const std::string& ending) {
  Hdf5Image image;
  const auto layer = [&](const std::string& name, const std::vector<fixture::Array>& arrays) {
    image.group(top + name);
    std::vector<std::string> weights;
    for (const fixture::Array& array : arrays) {
      weights.push_back(name + "/" + array.leaf + ending);
      image.numbered(top + name + "/" + weights.back(), array.shape);
    }
    if (!weights.empty()) image.texts(top + name, "weight_names", weights);
  };
  layer("stem_conv", {{"kernel", {3, 3, 2, 4}}, {"bias", {4}}});
  layer("stem_bn", {{"gamma", {4}}, {"beta", {4}}, {"moving_mean", {4}}, {"moving_variance", {4}}});
  layer("stem_relu", {});
  return image.bytes();
}

// The same as Keras 3 writes it, each layer with its name or without.
std::string numbered_layers(const std::vector<std::string>& convolutions, bool named) {
  Hdf5Image image;
  for (size_t i = 0; i < convolutions.size(); ++i) {
    const std::string vars = "layers/conv2d" + (i == 0 ? "" : "_" + std::to_string(i)) + "/vars";
    image.numbered(vars + "/0", {3, 3, 2, 4});
    image.numbered(vars + "/1", {4});
    if (named) image.text(vars, "name", convolutions[i]);
  }
  for (int i = 0; i < 4; ++i) {
    image.numbered("layers/batch_normalization/vars/" + std::to_string(i), {4});
  }
  if (named) image.text("layers/batch_normalization/vars", "name", "stem_bn");
  image.group("layers/activation/vars");
  return image.bytes();
}

nlohmann::json described(const std::vector<std::pair<std::string, std::string>>& layers) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [class_name, name] : layers) {
    list.push_back({{"class_name", class_name}, {"config", {{"name", name}}}});
  }
  return {{"class_name", "Functional"}, {"config", {{"layers", list}}}};
}

class LayerArraysIn : public testing::Test {
 protected:
  LayerArrays arrays_of(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder_ / name, bytes);
    return open_layer_arrays(folder_ / name);
  }
  std::string file(const std::string& name) { return (folder_ / name).string(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(LayerArraysIn, LegacyH5) {
  for (const char* top : {"", "model_weights/"}) {
    for (const char* ending : {":0", ""}) {
      const LayerArrays arrays = arrays_of("a.h5", listed_h5(top, ending));
      EXPECT_EQ(arrays.names, kTwoLayers) << top << ending;
      const Tensor kernel = arrays.read("stem_conv/kernel");
      EXPECT_EQ(kernel.shape(), (Shape{3, 3, 2, 4}));
      EXPECT_EQ(kernel[5], fixture::value_of(0, 5));
      EXPECT_EQ(arrays.read("stem_bn/moving_mean")[3], fixture::value_of(4, 3));
    }
  }
}

TEST_F(LayerArraysIn, Keras3WeightsThatNameTheirLayers) {
  const LayerArrays arrays = arrays_of("a.weights.h5", numbered_layers({"second", "first"}, true));
  EXPECT_THAT(arrays.names, ElementsAre("first/bias", "first/kernel", "second/bias",
                                        "second/kernel", "stem_bn/beta", "stem_bn/gamma",
                                        "stem_bn/moving_mean", "stem_bn/moving_variance"));
  EXPECT_EQ(arrays.read("second/kernel")[1], fixture::value_of(0, 1));
  EXPECT_EQ(arrays.read("first/bias")[1], fixture::value_of(3, 1));
  EXPECT_EQ(arrays.read("stem_bn/moving_variance")[2], fixture::value_of(7, 2));
}

// Which of many convolutions is which could only be guessed.
TEST_F(LayerArraysIn, Keras3WeightsWithoutNames) {
  EXPECT_TRUE(arrays_of("a.weights.h5", numbered_layers({"a", "b"}, false)).names.empty());
  const std::vector<std::string> five(5, "a");
  expect_refused([&] { arrays_of("b.weights.h5", numbered_layers(five, false)); },
                 "[layer_arrays] " + file("b.weights.h5") +
                     " has 5 convolutions without the names of their layers, wanted a .keras "
                     "archive, a legacy .h5, or .weights.h5 of a newer version of Keras 3");
}

TEST_F(LayerArraysIn, KerasArchiveInTheOrderOfItsDescription) {
  const nlohmann::json config = described({{"InputLayer", "image"},
                                           {"Conv2D", "second"},
                                           {"BatchNormalization", "stem_bn"},
                                           {"Conv2D", "first"},
                                           {"Add", "sum"}});
  const auto archive_of = [&](const std::vector<std::string>& names, bool named) {
    return fixture::archive(config, numbered_layers(names, named));
  };
  for (const bool named : {false, true}) {
    const LayerArrays arrays = arrays_of("a.keras", archive_of({"second", "first"}, named));
    ASSERT_EQ(arrays.names.size(), 8u);
    EXPECT_EQ(arrays.read("first/kernel")[2], fixture::value_of(2, 2));
    EXPECT_EQ(arrays.read("stem_bn/gamma")[0], fixture::value_of(4, 0));
  }
  expect_refused(
      [&] {
        arrays_of("b.keras", archive_of({"first", "second"}, true));
      },
      "[layer_arrays] " + file("b.keras") +
          " keeps arrays of 'first' where its description has 'second'");
}

TEST_F(LayerArraysIn, Safetensors) {
  const SafetensorsFile content{
      .tensors = {{"a/kernel", Tensor::of({2}, {1, 2})}, {"a/bias", Tensor::of({1}, {3})}}};
  const LayerArrays arrays = arrays_of("a.safetensors", safetensors_bytes(content, "a"));
  EXPECT_THAT(arrays.names, ElementsAre("a/bias", "a/kernel"));
  EXPECT_EQ(arrays.read("a/kernel")[1], 2);
  EXPECT_TRUE(arrays.has("a/bias"));
  EXPECT_FALSE(arrays.has("a"));
}

std::string npy_of(const Shape& shape, const std::vector<float>& values) {
  return npy_header_text("<f4", shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

TEST_F(LayerArraysIn, Npz) {
  ZipWriter zip;
  zip.add("a/kernel.npy", npy_of({2, 1}, {5, 7}), ZipWriter::Method::kStored);
  zip.add("a/bias.npy", npy_of({1}, {9}), ZipWriter::Method::kDeflated);
  zip.add("readme.txt", "not an array", ZipWriter::Method::kStored);
  const LayerArrays arrays = arrays_of("a.npz", zip.bytes());
  EXPECT_THAT(arrays.names, ElementsAre("a/bias", "a/kernel"));
  EXPECT_EQ(arrays.read("a/kernel").shape(), (Shape{2, 1}));
  EXPECT_EQ(arrays.read("a/kernel")[1], 7);
  EXPECT_EQ(arrays.read("a/bias")[0], 9);
}

TEST_F(LayerArraysIn, NpzOfWhatIsNoArray) {
  const auto refused_entry = [&](const std::string& entry, const std::string& part) {
    ZipWriter zip;
    zip.add("a/kernel.npy", entry, ZipWriter::Method::kStored);
    const LayerArrays arrays = arrays_of("b.npz", zip.bytes());
    expect_refused_naming([&] { arrays.read("a/kernel"); }, part,
                          file("b.npz") + ":'a/kernel.npy'");
  };
  std::string fortran = npy_of({2, 2}, {1, 2, 3, 4});
  fortran.replace(fortran.find("False"), 5, "True ");
  refused_entry(fortran, "is in Fortran order, wanted C order");
  refused_entry(npy_of({2, 2}, {1, 2, 3}), "holds 12 bytes of data, wanted 16 for [2, 2] of f4");
  refused_entry("not an array", "npy");
}

TEST_F(LayerArraysIn, FilesOfAnotherKindHaveNoNames) {
  EXPECT_TRUE(arrays_of("a.npy", npy_of({1}, {1})).names.empty());
  EXPECT_TRUE(arrays_of("a.txt", "text").names.empty());
  ZipWriter zip;
  zip.add("a.txt", "text", ZipWriter::Method::kStored);
  EXPECT_TRUE(arrays_of("a.zip", zip.bytes()).names.empty());
  expect_refused_naming([&] { open_layer_arrays(file("none")); }, "none", file("none"));
}

TEST_F(LayerArraysIn, RefusesALayerListedTwiceOrWithTooManyArrays) {
  Hdf5Image image;
  image.group("conv");
  image.numbered("conv/conv/kernel:0", {1});
  image.texts("conv", "weight_names", {"conv/kernel:0", "conv/kernel:0"});
  expect_refused([&] { arrays_of("a.h5", image.bytes()); }, "has 'conv/kernel' twice");
  Hdf5Image more;
  for (int i = 0; i < 3; ++i) more.numbered("layers/conv2d/vars/" + std::to_string(i), {1});
  more.text("layers/conv2d/vars", "name", "conv");
  expect_refused([&] { arrays_of("b.weights.h5", more.bytes()); },
                 "layer 'conv' has 3 arrays, wanted at most 2");
}

}  // namespace
}  // namespace secateur
