#include "model_files/trunk_files.h"

#include <gtest/gtest.h>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "model_files/model_files.h"
#include "models/model_trunk.h"
#include "tests/formats/expect_refused.h"
#include "tests/formats/keras_fixture.h"
#include "tests/models/resnet50_fixture.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

class TrunkFiles : public testing::Test {
 protected:
  static const std::map<std::string, Tensor>& arrays() {
    static const std::map<std::string, Tensor> once = random_resnet50(3);
    return once;
  }
  static std::string identity() {
    static const std::string once = Resnet50(arrays()).identity();
    return once;
  }
  std::string written(const std::map<std::string, Tensor>& tensors) {
    const auto path = folder_ / "weights.safetensors";
    write_safetensors(path, {.tensors = tensors});
    return path.string();
  }
  TemporaryFolder folder_;
};

TEST_F(TrunkFiles, OpensWeightsInTheNamesOfKeras) {
  auto tensors = arrays();
  tensors["predictions/kernel"] = Tensor::zeros({4, 2});  // what lies behind is not read
  tensors["conv4_block6_3_conv/kernel"] = Tensor::zeros({1});
  const auto trunk = open_trunk(written(tensors));
  EXPECT_EQ(trunk->identity(), identity());
  EXPECT_EQ(trunk->input().height, 224);
  EXPECT_EQ(trunk->maps(), (Shape{1024, 14, 14}));
}

// Equal weights are the same trunk, in whatever file they came.
TEST_F(TrunkFiles, OpensALegacyH5) {
  fixture::Hdf5Image image;
  std::map<std::string, std::vector<std::string>> layers;
  for (const auto& [name, values] : arrays()) {
    const std::string layer = name.substr(0, name.find('/'));
    const auto extents = values.shape().extents();
    image.floats(layer + "/" + name + ":0", {extents.begin(), extents.end()},
                 {values.values().begin(), values.values().end()});
    layers[layer].push_back(name + ":0");
  }
  for (const auto& [layer, weights] : layers) image.texts(layer, "weight_names", weights);
  write_file_atomically(folder_ / "resnet50.h5", image.bytes());
  EXPECT_EQ(open_trunk(folder_ / "resnet50.h5")->identity(), identity());
}

TEST_F(TrunkFiles, ReadsForImagesOfAnotherSize) {
  const auto trunk = read_resnet50(written(arrays()), 64, 32);
  EXPECT_EQ(trunk->maps(), (Shape{1024, 4, 2}));
  expect_refused([&] { read_resnet50(written(arrays()), 100, 100); },
                 "weights.safetensors: [resnet50] wanted images whose sides 16 divides");
}

TEST_F(TrunkFiles, RefusesOtherNetworks) {
  const auto refused_with = [&](const std::string& name, const std::string& sentence) {
    auto tensors = arrays();
    tensors[name] = Tensor::zeros({1});
    const std::string file = written(tensors);
    expect_refused([&] { open_trunk(file); }, "[trunk] " + file + " " + sentence);
  };
  refused_with("conv4_block7_1_conv/kernel",
               "has a layer 'conv4_block7_1_conv', which ResNet-50 has not");
  refused_with("conv3_block5_1_bn/beta",
               "has a layer 'conv3_block5_1_bn', which ResNet-50 has not");
  refused_with("conv2_block1_1_conv/mask",
               "has an array 'conv2_block1_1_conv/mask', which ResNet-50 has not");
  refused_with("res2a_branch2a/kernel", "is ResNet-50 in the names of Keras before 2.2.5");
}

TEST_F(TrunkFiles, RefusesWeightsThatAreNotAllThere) {
  auto tensors = arrays();
  tensors.erase("conv3_block1_0_bn/beta");
  const std::string file = written(tensors);
  expect_refused([&] { open_trunk(file); },
                 file + ": [resnet50] there is no conv3_block1_0_bn/beta [512]");
  expect_refused(
      [&] {
        read_resnet50(written({{"a", Tensor::zeros({1})}}));
      },
      "has no conv1_conv/kernel, wanted weights of ResNet-50 as Keras has it");
}

// A model is a trunk up to its readout.
TEST_F(TrunkFiles, OpensModelsToo) {
  const Model model(student_architecture({4, 4, 4, 4, 4}, {.height = 16, .width = 16}), 3);
  write_model(folder_ / "model.safetensors", model);
  const auto trunk = open_trunk(folder_ / "model.safetensors");
  EXPECT_EQ(trunk->maps(), (Shape{4, 4, 4}));
  EXPECT_EQ(trunk->identity(), trunk_of_model(model, 5)->identity());
}

TEST_F(TrunkFiles, RefusesWhatIsNoNetwork) {
  write_file_atomically(folder_ / "notes.txt", "notes");
  expect_refused_naming([&] { open_trunk(folder_ / "notes.txt"); }, "is not a model",
                        (folder_ / "notes.txt").string());
}

}  // namespace
}  // namespace secateur
