#include "models/recalibrate.h"

#include <gtest/gtest.h>

#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

Model small_model() { return lively_model(student_architecture({4, 3, 4, 5, 3}, kSmallInput), 4); }

BatchVisitor visit(const std::vector<Tensor>& batches) {
  return [batches](const std::function<void(const Tensor&)>& body) {
    for (const Tensor& batch : batches) body(batch);
  };
}

// With the statistics of a single batch, evaluation is what training computes of that batch.
TEST(Recalibrate, MakesEvaluationWhatTrainingComputes) {
  Model model = small_model();
  const Tensor images = random_images(kSmallInput, 6, 1, 30);
  const Tensor wanted = model.clone().frozen().forward(Variable(images), Mode::kTraining).value();
  EXPECT_GE(relative_difference(answers_of(model, images), wanted), 1e-2);
  recalibrate(model, visit({images}));
  EXPECT_LE(relative_difference(answers_of(model, images), wanted), 1e-4);
}

TEST(Recalibrate, WeighsEveryBatchAndForgetsWhatWasThere) {
  const Tensor a = random_images(kSmallInput, 6, 1, 30);
  const Tensor b = random_images(kSmallInput, 6, 2, 60);
  const auto statistics = [](const std::vector<Tensor>& batches) {
    Model model = small_model();
    model.tensor("layer0.bn.moving_variance").fill(1e6f);
    recalibrate(model, visit(batches));
    return model.tensor("layer0.bn.moving_variance").clone();
  };
  const Tensor of_a = statistics({a});
  const Tensor of_b = statistics({b});
  const Tensor of_both = statistics({a, b});
  for (int64_t i = 0; i < of_both.numel(); ++i) {
    const double wanted = (0.99 * of_a[i] + of_b[i]) / 1.99;
    EXPECT_LE(std::abs(of_both[i] - wanted), 1e-4 * wanted);
  }
}

TEST(Recalibrate, LeavesTheRestOfTheModelAndRefusesNoBatch) {
  Model model = small_model();
  const Model before = model.clone();
  expect_refused([&] { recalibrate(model, visit({})); }, "at least one batch");
  for (const auto& [name, tensor] : before.tensors()) {
    EXPECT_TRUE(same_bits(model.tensor(name), tensor)) << name;
  }
  recalibrate(model, visit({random_images(kSmallInput, 6, 1, 30)}));
  for (const auto& [name, tensor] : before.tensors()) {
    const bool statistic = name.find("bn.moving") != std::string::npos;
    EXPECT_EQ(same_bits(model.tensor(name), tensor), !statistic) << name;
  }
}

}  // namespace
}  // namespace secateur
