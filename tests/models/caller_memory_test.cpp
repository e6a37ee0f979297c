// Prediction and training on memory that the caller owns and nobody may write.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "models/predictor.h"
#include "ops/mse_loss/mse_loss.h"
#include "tensor/arena.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

constexpr InputSpec kInput{.height = 32, .width = 24};

// The same values in memory of a caller, `floats` floats beyond where a vector begins.
struct CallerMemory {
  CallerMemory(const Tensor& values, size_t floats)
      : memory(static_cast<size_t>(values.numel()) + floats), begin(floats), shape(values.shape()) {
    std::copy_n(values.data(), values.numel(), memory.data() + begin);
  }
  const float* data() const { return memory.data() + begin; }
  Tensor view() const { return Tensor::view(shape, data(), nullptr); }

  std::vector<float> memory;
  size_t begin;
  Shape shape;
};

std::vector<Model> models() {
  return {lively_model(student_architecture({13, 9, 5, 3, 4}, kInput, 2), 1),
          lively_model(shared_compact_architecture(6, kInput, 3), 2),
          lively_model(member_architecture({4, 8, 4, 1}, kInput, 2), 3)};
}

TEST(CallerMemory, IsPredictedOnWithTheBitsOfACopy) {
  for (const Model& model : models()) {
    const Predictor predict(model);
    const Tensor images = random_images(kInput, 19, 4);
    for (const size_t floats : {0, 1, 7}) {
      const CallerMemory lent(images, floats);
      EXPECT_TRUE(same_bits(predict(lent.view()), predict(images))) << floats;
      EXPECT_TRUE(same_bits(predict.by_operations(lent.view()), predict.by_operations(images)));
      EXPECT_TRUE(same_bits(predict_population({predict}, lent.view())[0], predict(images)));
    }
  }
}

TEST(CallerMemory, IsNotCopied) {
  const CallerMemory lent(random_images(kInput, 40, 4), 1);
  EXPECT_EQ(Variable(lent.view()).value().data(), lent.data());
  const int64_t bytes = lent.shape.numel() * 4;
  const Predictor predict(lively_model(student_architecture({2, 2, 2, 2, 2}, kInput), 1));
  ASSERT_TRUE(predict.fused());
  arena_reset_peak();
  const int64_t before = arena_use().bytes_in_use;
  predict(lent.view());
  EXPECT_LT(arena_use().peak_in_use - before, bytes);
}

// Everything that a training step leaves behind: the loss, the gradients, the moving statistics.
std::vector<Tensor> step(const Model& trained, const Tensor& images, const Tensor& wanted) {
  const Model model = trained.clone();
  const Variable loss =
      mse_loss(model.forward(Variable(images), Mode::kTraining), Variable(wanted));
  backward(loss);
  std::vector<Tensor> left{loss.value()};
  for (const ParameterSpec& spec : model.specs()) {
    const Variable& parameter = model.parameter(spec.name);
    left.push_back(parameter.has_grad() ? parameter.grad() : parameter.value());
  }
  return left;
}

TEST(CallerMemory, IsTrainedOnWithTheBitsOfACopy) {
  for (const Model& model : models()) {
    const Tensor images = random_images(kInput, 6, 4);
    const Tensor wanted = answers_of(model, random_images(kInput, 6, 5)).clone();
    const std::vector<Tensor> own = step(model, images, wanted);
    const CallerMemory lent(images, 3);
    const CallerMemory lent_wanted(wanted, 1);
    const std::vector<Tensor> views = step(model, lent.view(), lent_wanted.view());
    ASSERT_EQ(views.size(), own.size());
    for (size_t i = 0; i < own.size(); ++i) EXPECT_TRUE(same_bits(views[i], own[i])) << i;
    EXPECT_TRUE(same_bits(lent.view(), images));
  }
}

// A model owns its parameters, so that training never reaches the memory they were made from.
TEST(CallerMemory, IsCopiedIntoTheParametersOfAModel) {
  const Model model = models()[0];
  std::map<std::string, Tensor> tensors = model.tensors();
  const CallerMemory lent(tensors.at("readout.bias"), 0);
  tensors["readout.bias"] = lent.view();
  Model made(model.architecture(), tensors);
  EXPECT_NE(made.parameter("readout.bias").value().data(), lent.data());
  EXPECT_NO_THROW(made.tensor("readout.bias").fill(0));
}

}  // namespace
}  // namespace secateur
