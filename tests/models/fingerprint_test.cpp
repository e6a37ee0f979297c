#include "models/fingerprint.h"

#include <gtest/gtest.h>

#include "tests/models/lively_model.h"

namespace secateur {
namespace {

TEST(Fingerprint, FollowsArchitectureAndEveryWeight) {
  const InputSpec input{.height = 16, .width = 16};
  const Model model = lively_model(student_architecture({4, 3, 3, 3, 2}, input), 1);
  EXPECT_EQ(fingerprint(model).size(), 64u);
  EXPECT_EQ(fingerprint(model), fingerprint(model.clone()));
  Model described = model.clone();
  described.metadata["stage"] = "else";
  EXPECT_EQ(fingerprint(described), fingerprint(model));
  Model changed = model.clone();
  float& weight = changed.tensor("layer3.bn.beta")[1];
  weight = std::nextafter(weight, 10.0f);
  EXPECT_NE(fingerprint(changed), fingerprint(model));
  Model scaled = model.clone();
  scaled.set_output_scale({0}, {2});
  EXPECT_NE(fingerprint(scaled), fingerprint(model));
}

}  // namespace
}  // namespace secateur
