// Every operation on memory of a caller, at the shapes of the models.

#include <gtest/gtest.h>

#include "tests/ops/contract.h"
#include "tests/ops/view_inputs.h"

namespace secateur {
namespace {

class ModelShapesOnViews : public ::testing::TestWithParam<contract::NamedCase> {
  const contract::InForce in_force_{GetParam().reproducibility};
};

TEST_P(ModelShapesOnViews, GiveTheBitsOfOwnStorage) {
  EXPECT_EQ(contract::check_views(GetParam().op_case), "");
}

INSTANTIATE_TEST_SUITE_P(Views, ModelShapesOnViews, ::testing::ValuesIn(contract::cases(true)),
                         [](const auto& of) { return of.param.name(); });

}  // namespace
}  // namespace secateur
