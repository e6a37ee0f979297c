// Every operation on memory of a caller.

#include <gtest/gtest.h>

#include "tests/ops/contract.h"
#include "tests/ops/view_inputs.h"

namespace secateur {
namespace {

class SmallCasesOnViews : public ::testing::TestWithParam<contract::NamedCase> {
  const contract::InForce in_force_{GetParam().reproducibility};
};

TEST_P(SmallCasesOnViews, GiveTheBitsOfOwnStorage) {
  EXPECT_EQ(contract::check_views(GetParam().op_case), "");
}

INSTANTIATE_TEST_SUITE_P(Views, SmallCasesOnViews, ::testing::ValuesIn(contract::cases(false)),
                         [](const auto& of) { return of.param.name(); });

}  // namespace
}  // namespace secateur
