// Five Adam steps of a small student on four real images against float64 values of an independent
// implementation (the folder reference/training of the shared data).

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "data/augmentation.h"
#include "formats/npy.h"
#include "models/model.h"
#include "ops/mse_loss/mse_loss.h"
#include "tensor/error.h"
#include "tests/shared_folder.h"
#include "training/optimiser.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

fs::path reference_folder() { return shared() / "reference" / "training"; }

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(reference_folder())) {
      GTEST_SKIP() << "the reference values are not here: set SECATEUR_SHARED to their folder";
    }
  }

  static NpyDoubles load(const std::string& name) {
    return read_npy_doubles(reference_folder() / (name + ".npy"));
  }

  // The readout's map is stored [y, x, channel], the engine's is [1, channel, y, x].
  static std::vector<double> in_our_layout(const std::string& parameter, const NpyDoubles& array) {
    if (parameter != "readout.weight") return array.values;
    const int64_t pixels = array.shape[0] * array.shape[1];
    const int64_t channels = array.shape[2];
    std::vector<double> values(array.values.size());
    for (int64_t p = 0; p < pixels; ++p) {
      for (int64_t c = 0; c < channels; ++c) {
        values[static_cast<size_t>(c * pixels + p)] =
            array.values[static_cast<size_t>(p * channels + c)];
      }
    }
    return values;
  }

  static Model initial_model() {
    const Architecture architecture = student_architecture({6, 5, 4, 3, 3}, InputSpec{});
    Model model(architecture, 1);
    for (const ParameterSpec& spec : model.specs()) {
      if (spec.role == ParameterRole::kMovingMean || spec.role == ParameterRole::kMovingVariance) {
        continue;  // 0 and 1, as the model starts
      }
      const std::vector<double> values = in_our_layout(spec.name, load("initial." + spec.name));
      Tensor& tensor = model.tensor(spec.name);
      require(values.size() == static_cast<size_t>(tensor.numel()), "golden", "{} has another size",
              spec.name);
      for (int64_t i = 0; i < tensor.numel(); ++i) {
        tensor[i] = static_cast<float>(values[static_cast<size_t>(i)]);
      }
    }
    return model;
  }

  static Variable images() {
    const NpyDoubles pixels = load("pixels");
    Tensor batch(Shape{4, 3, 112, 112});
    std::vector<uint8_t> bytes(pixels.values.begin(), pixels.values.end());
    const size_t size = 112 * 112 * 3;
    for (size_t i = 0; i < 4; ++i) {
      prepare_image(std::span<const uint8_t>(bytes).subspan(i * size, size), 112, 112,
                    kPublishedPixelMean, batch.data() + i * size);
    }
    return Variable(batch);
  }

  static Variable targets() {
    const NpyDoubles values = load("targets");
    Tensor batch(Shape{4, 1});
    for (int64_t i = 0; i < 4; ++i)
      batch[i] = static_cast<float>(values.values[static_cast<size_t>(i)]);
    return Variable(batch);
  }

  // Largest error over the tensor, relative to its largest magnitude.
  static double relative_error(const Tensor& got, const std::vector<double>& wanted) {
    double largest = 0;
    double error = 0;
    for (int64_t i = 0; i < got.numel(); ++i) {
      const double w = wanted[static_cast<size_t>(i)];
      largest = std::max(largest, std::abs(w));
      error = std::max(error, std::abs(got[i] - w));
      if (std::isnan(got[i])) return got[i];
    }
    return error / largest;
  }
};

constexpr double kLosses[] = {0.3499199549396269, 0.3089777503691185, 0.24230016230981774,
                              0.1289597990325511, 0.05287195554839991};

TEST_F(Golden, GradientsOfTheFirstStep) {
  const Model model = initial_model();
  const Variable loss = mse_loss(model.forward(images(), Mode::kTraining), targets());
  backward(loss);
  int compared = 0;
  for (const ParameterSpec& spec : model.specs()) {
    if (!spec.trainable) continue;
    const std::vector<double> wanted =
        in_our_layout(spec.name, load("gradient_step1." + spec.name));
    EXPECT_LE(relative_error(model.parameter(spec.name).grad(), wanted), 2e-5) << spec.name;
    ++compared;
  }
  EXPECT_EQ(compared, 5 + 4 + 10 + 2);  // kernels, pointwise, gamma and beta, readout
}

// The bias in front of a batch norm has a gradient of zero, so the engine does not train it; the
// reference's own gradient for it is rounding.
TEST_F(Golden, TheReferenceAgreesThatCancelledBiasesHaveNoGradient) {
  const Model model = initial_model();
  for (const ParameterSpec& spec : model.specs()) {
    if (spec.role != ParameterRole::kBias || spec.trainable) continue;
    for (const double g : load("gradient_step1." + spec.name).values) {
      EXPECT_LE(std::abs(g), 1e-5) << spec.name;
    }
  }
}

TEST_F(Golden, LossesAndParametersAfterFiveSteps) {
  Model model = initial_model();
  const auto adam = make_adam();
  for (const double wanted : kLosses) {
    const Variable loss = mse_loss(model.forward(images(), Mode::kTraining), targets());
    EXPECT_LE(std::abs(loss.value()[0] - wanted), 5e-5);
    backward(loss);
    adam->step(model, 1e-3);
  }
  for (const ParameterSpec& spec : model.specs()) {
    const bool cancelled = spec.role == ParameterRole::kBias && !spec.trainable;
    if (cancelled) continue;
    const std::vector<double> wanted = in_our_layout(spec.name, load("after_step5." + spec.name));
    EXPECT_LE(relative_error(model.tensor(spec.name), wanted), 1e-5) << spec.name;
  }
}

}  // namespace
}  // namespace secateur
