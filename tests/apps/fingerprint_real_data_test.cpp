// One identity for the published models in every format they are published in.

#include <gtest/gtest.h>

#include <filesystem>

#include "data/image_batches.h"
#include "data/image_source.h"
#include "model_files/model_files.h"
#include "models/difference.h"
#include "models/fingerprint.h"
#include "models/predictor.h"
#include "tensor/statistics.h"
#include "tests/shared_folder.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

class Formats : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!fs::exists(others()) || !fs::exists(shared() / "reference")) {
      GTEST_SKIP() << "the published models are not here: set SECATEUR_SHARED to their folder";
    }
  }
  static fs::path others() { return shared() / "v4/compact_models_other_formats"; }
  static Model archive() {
    return read_model(shared() / "v4/compact_models" / ("compact_model_" + GetParam() + ".keras"));
  }
  static Model other(const std::string& extension) {
    return read_model(others() / ("compact_model_" + GetParam() + extension));
  }
  static std::vector<double> answers(const Model& model) {
    const std::string session = GetParam().substr(0, 6);
    const ImageSourcePtr images =
        open_images(shared() / fmt::format("reference/pixels_{}_first50.npy", session));
    const Predictor predict(model);
    const Tensor table =
        respond_to_all(std::cref(predict), *images, model.architecture().input.mean);
    return {table.values().begin(), table.values().end()};
  }
};

TEST_P(Formats, GiveOneFingerprint) {
  const Model model = archive();
  const std::string wanted = fingerprint(model);
  for (const char* extension : {".h5", ".weights.h5", ".weights.npy"}) {
    EXPECT_EQ(fingerprint(other(extension)), wanted) << extension;
    EXPECT_TRUE(difference_of(other(extension), model).none()) << extension;
  }
  const TemporaryFolder folder;
  write_model(folder / "copy.safetensors", model);
  EXPECT_EQ(fingerprint(read_model(folder / "copy.safetensors")), wanted);
  write_model(folder / "torch.safetensors", other(".pt"));
  EXPECT_EQ(fingerprint(read_model(folder / "torch.safetensors")), fingerprint(other(".pt")));
  EXPECT_EQ(answers(other(".weights.npy")), answers(model));
}

// The authors' conversion to torch added 1e-3, Keras' epsilon, to the variances of the separable
// blocks and not to those of the first one; their class then has torch's epsilon everywhere.
TEST_P(Formats, OfTorchDifferInTheVariancesAndTheEpsilonAlone) {
  const Model keras = archive();
  const Model torch = other(".pt");
  const ModelDifference difference = difference_of(keras, torch);
  ASSERT_EQ(difference.architecture.size(), 5u);
  for (const ArchitectureDifference& d : difference.architecture) {
    EXPECT_TRUE(d.where.ends_with("/epsilon")) << d.where;
    EXPECT_EQ(d.first, 1e-3);
    EXPECT_EQ(d.second, 1e-5);
  }
  ASSERT_EQ(difference.tensors.size(), 4u);
  for (int64_t i = 1; i < 5; ++i) {
    const TensorDifference& d = difference.tensors[static_cast<size_t>(i - 1)];
    EXPECT_EQ(d.name, fmt::format("layer{}.bn.moving_variance", i));
    EXPECT_EQ(d.different, d.values);
    const Tensor& before = keras.tensor(d.name);
    const Tensor& after = torch.tensor(d.name);
    for (int64_t c = 0; c < before.numel(); ++c) EXPECT_EQ(after[c], before[c] + 1e-3f);
  }
}

// Under the root of the separable blocks stands 1e-5 more than in Keras, about 0.5 % of gain where
// variances are far below epsilon, and under that of the first block 0.99e-3 less.
TEST_P(Formats, OfTorchPredictAlmostTheSameAndTheRestIsExplained) {
  const std::vector<double> torch = answers(other(".pt"));
  const double deviation = std::sqrt(variance_of(torch, 0));
  const auto away = [&](const Model& model) {
    const std::vector<double> got = answers(model);
    double largest = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      largest = std::max(largest, std::abs(got[i] - torch[i]) / deviation);
    }
    return largest;
  };
  Model keras = archive();
  const double before = away(keras);
  RecordProperty("largest_difference", std::to_string(before));
  EXPECT_GT(before, 5e-3);
  EXPECT_LE(before, 0.05);
  for (int64_t i = 0; i < 5; ++i) {
    const double more = i == 0 ? 1e-5 - 1e-3 : 1e-5;
    for (float& v : keras.tensor(fmt::format("layer{}.bn.moving_variance", i)).values()) {
      v = static_cast<float>(v + more);
    }
  }
  EXPECT_LE(away(keras), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Models, Formats,
                         testing::Values("190923_neuron0", "190923_neuron1", "201025_neuron2",
                                         "201025_neuron51"),
                         [](const auto& param) { return "m" + param.param; });

}  // namespace
}  // namespace secateur
