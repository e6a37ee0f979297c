#include "interpretation/representation/consolidation.h"

#include <gtest/gtest.h>

#include "tensor/error.h"

namespace secateur {
namespace {

TEST(Consolidation, CountsFiltersPerLayer) {
  std::vector<Architecture> models;
  for (const std::vector<int64_t>& filters :
       {std::vector<int64_t>{40, 20, 3, 8, 3}, {50, 25, 3, 4, 5}, {60, 60, 6, 3, 3}}) {
    models.push_back(student_architecture(filters, {}));
  }
  const Consolidation found = consolidation(models);
  ASSERT_EQ(found.layers.size(), 5u);
  EXPECT_EQ(found.layers[0].name, models[0].blocks[0].name);
  EXPECT_EQ(found.layers[0].filters, (std::vector<int64_t>{40, 50, 60}));
  EXPECT_EQ(found.layers[0].quantiles, (std::array<double, 5>{40, 45, 50, 55, 60}));
  EXPECT_EQ(found.layers[2].least, 3);
  EXPECT_EQ(found.layers[2].at_least, 2);
  EXPECT_EQ(found.filters, (std::vector<int64_t>{74, 87, 132}));
  EXPECT_EQ(found.quantiles[2], 87);
  // 0.5, 0.5 and 1; 0.15, 0.12 and 0.1.
  ASSERT_EQ(found.narrowing.size(), 4u);
  EXPECT_EQ(found.narrowing[0], 0.5);
  EXPECT_EQ(found.narrowing[1], 0.12);
}

TEST(Consolidation, RefusesNoModelAndOtherDepths) {
  EXPECT_THROW(consolidation({}), Error);
  std::vector<Architecture> models(2, student_architecture({4, 3, 3, 2, 2}, {}));
  models[1].blocks.pop_back();
  EXPECT_THROW(consolidation(models), Error);
}

}  // namespace
}  // namespace secateur
