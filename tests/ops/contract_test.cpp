#include "tests/ops/contract.h"

#include <gtest/gtest.h>

#include <set>

#include "tensor/error.h"

namespace secateur {
namespace {

using contract::NamedCase;

class SmallCases : public ::testing::TestWithParam<NamedCase> {
  const contract::InForce in_force_{GetParam().reproducibility};
};

std::string print_name(const ::testing::TestParamInfo<NamedCase>& info) {
  return info.param.name();
}

TEST_P(SmallCases, ForwardEqualsTheReference) {
  EXPECT_EQ(contract::check_forward(GetParam().op_case), "");
}
TEST_P(SmallCases, GradientsEqualTheComplexStep) {
  EXPECT_EQ(contract::check_every_gradient_element(GetParam()), "");
}
TEST_P(SmallCases, VjpAdds) { EXPECT_EQ(contract::check_vjp_adds(GetParam().op_case), ""); }
TEST_P(SmallCases, WritesEveryElement) {
  EXPECT_EQ(contract::check_poisoned_buffers(GetParam().op_case), "");
}
TEST_P(SmallCases, SameBitsOnAnyNumberOfThreads) {
  EXPECT_EQ(contract::check_same_bits_on_threads(GetParam().op_case), "");
}
TEST_P(SmallCases, SkipsUnwantedGradients) {
  EXPECT_EQ(contract::check_unwanted_gradients_are_skipped(GetParam().op_case), "");
}
TEST_P(SmallCases, KeepsNoMoreThanItSays) {
  EXPECT_EQ(contract::check_bytes_kept(GetParam().op_case), "");
}

INSTANTIATE_TEST_SUITE_P(Contract, SmallCases, ::testing::ValuesIn(contract::cases(false)),
                         print_name);

TEST(Refusals, AreMadeWithTheirMessage) {
  int checked = 0;
  for (const OpRoom& room : all_op_rooms()) {
    for (const RefusedCase& refused : room.refused) {
      ++checked;
      try {
        refused.call();
        ADD_FAILURE() << room.op << "/" << refused.name << " was accepted";
      } catch (const Error& error) {
        EXPECT_EQ(refused.message, error.what()) << room.op << "/" << refused.name;
      }
    }
  }
  EXPECT_GT(checked, 0);
}

TEST(Rooms, HaveSummariesSmallCasesAndDistinctNames) {
  for (const OpRoom& room : all_op_rooms()) {
    EXPECT_FALSE(room.summary.empty()) << room.op;
    std::set<std::string> names;
    int small = 0;
    for (const OpCase& op_case : room.cases) {
      EXPECT_TRUE(names.insert(op_case.name).second) << room.op << "/" << op_case.name;
      small += op_case.model_shape ? 0 : 1;
    }
    EXPECT_GT(small, 0) << room.op;
  }
}

}  // namespace
}  // namespace secateur
