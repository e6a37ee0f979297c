#include "training/fixed_kernels.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/formats/expect_refused.h"
#include "tests/models/lively_model.h"

namespace secateur {
namespace {

TEST(FixedKernels, AreWhatTheyWereAfterAStepAndTheRestIsLeftAlone) {
  const Model before = lively_model(student_architecture({3, 4, 3, 2, 3}, kSmallInput), 3);
  Model model = before.clone();
  const std::unique_ptr<Hook> hook = fixed_kernels_hook(model, 2);
  for (const ParameterSpec& spec : model.specs()) {
    for (float& v : model.tensor(spec.name).values()) v += 1;
  }
  StepContext step{
      .model = model, .step = 1, .total_steps = 2, .images_seen = 8, .loss = 1, .learning_rate = 1};
  hook->after_step(step);
  const std::map<std::string, bool> fixed = {{"layer0.conv.weight", true},
                                             {"layer1.depthwise.weight", true},
                                             {"layer1.pointwise.weight", true}};
  for (const ParameterSpec& spec : model.specs()) {
    EXPECT_EQ(same_bits(model.tensor(spec.name), before.tensor(spec.name)),
              fixed.count(spec.name) == 1)
        << spec.name;
  }
}

TEST(FixedKernels, RefusesLayersThatAreNotThere) {
  const Model model(student_architecture({3, 3, 3, 3, 3}, kSmallInput), 1);
  expect_refused([&] { fixed_kernels_hook(model, 6); },
                 "at most 5 layers with fixed kernels, got 6");
}

}  // namespace
}  // namespace secateur
