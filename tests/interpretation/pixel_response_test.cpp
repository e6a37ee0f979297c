// Responses and gradients by pixels: the engine against the network in double, and that against
// differences.

#include "interpretation/pixel_response.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "interpretation/double_network.h"
#include "models/predictor.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

const InputSpec kInput{.height = 16, .width = 20, .mean = {10, 20, 30}};

Model scaled(Model model) {
  const auto outputs = static_cast<size_t>(model.architecture().readout.outputs);
  model.set_output_scale(std::vector<double>(outputs, 2.5), std::vector<double>(outputs, -3.0));
  return model;
}

// Every kind of block and both readouts.
std::vector<Model> models() {
  Architecture linear = student_architecture({4, 3, 3, 2, 2}, kInput);
  for (Block& block : linear.blocks) block.norm = Norm::kNone;
  linear.blocks[1].activation = Activation::kLinear;
  linear.blocks[2].kernel = 4;
  return {scaled(lively_model(student_architecture({4, 5, 3, 2, 3}, kInput), 1)),
          lively_model(shared_compact_architecture(6, kInput, 3), 2),
          scaled(lively_model(
              member_architecture({.stem = 4, .width = 6, .middle = 3, .residual_blocks = 2},
                                  kInput, 2),
              3)),
          lively_model(linear, 4)};
}

Tensor pixels(int64_t count) {
  Tensor images(Shape{count, 3, kInput.height, kInput.width});
  Rng rng(5, "pixels");
  for (float& v : images.values()) v = static_cast<float>(rng.uniform(0, 255));
  return images;
}

std::vector<double> doubles(const Tensor& tensor) {
  return {tensor.values().begin(), tensor.values().end()};
}

TEST(DoubleNetwork, RespondsAsThePredictorDoes) {
  for (const Model& model : models()) {
    Tensor images = pixels(1);
    const Tensor image = images.clone();
    for (int64_t i = 0; i < images.numel(); ++i) {
      images[i] -= kInput.mean[static_cast<size_t>(i / (kInput.height * kInput.width))];
    }
    const Tensor wanted = Predictor(model)(images);
    for (int64_t output = 0; output < wanted.numel(); ++output) {
      const double got = DoubleNetwork(model, output).respond(doubles(image));
      EXPECT_LE(std::abs(got - wanted[output]), 1e-4 * (1 + std::abs(got)));
    }
  }
}

TEST(DoubleNetwork, ItsGradientIsTheSlope) {
  set_thread_budget(1);  // much sooner than threads for so little work
  for (const Model& model : models()) {
    const DoubleNetwork network(model);
    const std::vector<double> image = doubles(pixels(1));
    std::vector<double> gradient;
    network.respond(image, &gradient);
    double largest = 0;
    for (const double g : gradient) largest = std::max(largest, std::abs(g));
    ASSERT_GT(largest, 0);
    for (size_t i = 0; i < image.size(); i += 37) {
      std::vector<double> up = image;
      std::vector<double> down = image;
      constexpr double kStep = 1e-6;
      up[i] += kStep;
      down[i] -= kStep;
      const double slope = (network.respond(up) - network.respond(down)) / (2 * kStep);
      ASSERT_LE(std::abs(gradient[i] - slope), 1e-5 * largest) << i;
    }
  }
  set_thread_budget(0);
}

TEST(PixelResponse, TheEngineAgreesWithDouble) {
  for (const Model& model : models()) {
    const Tensor images = pixels(3);
    const ResponseGradient found = PixelResponse(model).gradient(images);
    for (int64_t i = 0; i < 3; ++i) {
      std::vector<double> gradient;
      const double response =
          DoubleNetwork(model).respond(doubles(images.rows(i, i + 1)), &gradient);
      EXPECT_LE(std::abs(found.responses[i] - response), 1e-4 * (1 + std::abs(response)));
      Tensor wanted(Shape{1, 3, kInput.height, kInput.width});
      for (size_t k = 0; k < gradient.size(); ++k) {
        wanted[static_cast<int64_t>(k)] = static_cast<float>(gradient[k]);
      }
      EXPECT_LE(relative_difference(found.gradient.rows(i, i + 1), wanted), 1e-4);
    }
  }
}

TEST(PixelResponse, HasTheSameBitsInAnyCompanyAndOnAnyThreads) {
  for (const Model& model : models()) {
    const PixelResponse response(model);
    const Tensor images = pixels(5);
    set_thread_budget(1);
    const ResponseGradient all = response.gradient(images);
    EXPECT_TRUE(same_bits(all.responses, response.responses(images)));
    set_thread_budget(3);
    const ResponseGradient one = response.gradient(images.rows(3, 4));
    set_thread_budget(0);
    EXPECT_TRUE(same_bits(all.gradient.rows(3, 4), one.gradient));
    EXPECT_TRUE(same_bits(all.responses.rows(3, 4), one.responses));
  }
}

TEST(PixelResponse, AnswersForTheOutputAskedFor) {
  const Model model = models()[1];
  const Tensor images = pixels(1);
  EXPECT_NE(PixelResponse(model, 0).responses(images)[0],
            PixelResponse(model, 2).responses(images)[0]);
  EXPECT_THROW(PixelResponse(model, 3), Error);
  EXPECT_THROW(DoubleNetwork(model, 3), Error);
}

TEST(PixelResponse, RefusesOtherSizesAndWhatIsNotFinite) {
  const PixelResponse response(models()[0]);
  EXPECT_THROW(response.responses(Tensor::zeros({1, 3, 16, 16})), Error);
  Tensor images = pixels(1);
  images[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(response.gradient(images), Error);
  EXPECT_THROW(DoubleNetwork(models()[0]).respond({1, 2, 3}), Error);
}

}  // namespace
}  // namespace secateur
