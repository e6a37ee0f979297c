#include <gtest/gtest.h>

#include "tests/ops/contract.h"

namespace secateur {
namespace {

std::string print_name(const ::testing::TestParamInfo<contract::NamedCase>& info) {
  return info.param.name();
}

class ModelShapes : public ::testing::TestWithParam<contract::NamedCase> {
 protected:
  // Whether the case with native products, which is run too, answers for this one: the reference of
  // a model's shape takes a hundred times as long as the operation.
  static bool answered_by_native() {
    return GetParam().reproducibility == Reproducibility::kThreads &&
           contract::same_bits_in_both_modes(GetParam().op_case);
  }

 private:
  const contract::InForce in_force_{GetParam().reproducibility};
};

TEST_P(ModelShapes, ForwardEqualsTheReference) {
  if (answered_by_native()) return;
  EXPECT_EQ(contract::check_forward(GetParam().op_case), "");
}
TEST_P(ModelShapes, GradientsEqualTheComplexStepAlongDirections) {
  if (answered_by_native()) return;
  EXPECT_EQ(contract::check_gradient_directions(GetParam().op_case, 4), "");
}
TEST_P(ModelShapes, WritesEveryElement) {
  EXPECT_EQ(contract::check_poisoned_buffers(GetParam().op_case), "");
}
TEST_P(ModelShapes, SameBitsOnAnyNumberOfThreads) {
  EXPECT_EQ(contract::check_same_bits_on_threads(GetParam().op_case), "");
}
TEST_P(ModelShapes, KeepsNoMoreThanItSays) {
  EXPECT_EQ(contract::check_bytes_kept(GetParam().op_case), "");
}

INSTANTIATE_TEST_SUITE_P(Contract, ModelShapes, ::testing::ValuesIn(contract::cases(true)),
                         print_name);

}  // namespace
}  // namespace secateur
