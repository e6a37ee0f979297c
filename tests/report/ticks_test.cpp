#include "report/ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace secateur {
namespace {

using testing::ElementsAre;

TEST(Ticks, AreRoundNumbers) {
  EXPECT_THAT(linear_ticks(0, 1), ElementsAre(0, 0.2, 0.4, testing::DoubleEq(0.6), 0.8, 1));
  EXPECT_THAT(linear_ticks(-30, 70), ElementsAre(-20, 0, 20, 40, 60));
  EXPECT_FALSE(std::signbit(linear_ticks(-1, 1)[2])) << "a zero without a sign";
}

TEST(Ticks, HoldWhatTheyStandAround) {
  for (const auto& [low, high] :
       {std::pair{0.0, 0.67}, {-3.0, 123.0}, {5.0, 8.0}, {0.0, 0.0}, {-7.0, -7.0}, {0.0, 1e-9}}) {
    const std::vector<double> ticks = ticks_around(low, high);
    ASSERT_GE(ticks.size(), 2u) << low << " " << high;
    EXPECT_LE(ticks.size(), 8u) << low << " " << high;
    EXPECT_LE(ticks.front(), std::min(low, 0.0));
    EXPECT_GE(ticks.back(), high);
  }
}

}  // namespace
}  // namespace secateur
