#include <gtest/gtest.h>

#include "tests/ops/contract.h"

namespace secateur {
namespace {

std::string print_name(const ::testing::TestParamInfo<contract::NamedCase>& info) {
  return info.param.name();
}

class ModelShapes : public ::testing::TestWithParam<contract::NamedCase> {
  const contract::InForce in_force_{GetParam().reproducibility};
};

TEST_P(ModelShapes, ForwardEqualsTheReference) {
  EXPECT_EQ(contract::check_forward(GetParam().op_case), "");
}
TEST_P(ModelShapes, GradientsEqualTheComplexStepAlongDirections) {
  EXPECT_EQ(contract::check_gradient_directions(GetParam()), "");
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
