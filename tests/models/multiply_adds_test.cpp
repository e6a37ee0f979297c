#include "models/multiply_adds.h"

#include <gtest/gtest.h>

namespace secateur {
namespace {

TEST(Work, OfThePaperStudent) {
  const Work work = multiply_adds(student_architecture({100, 100, 100, 100, 100}, {}));
  const int64_t conv = 112 * 112 * 75 * 100;
  const int64_t separable = (56 * 56 + 3 * 28 * 28) * 100 * (25 + 100);
  const int64_t readout = 28 * 28 * 100;
  EXPECT_EQ(work.forward, conv + separable + readout);
  EXPECT_EQ(work.backward, conv + 2 * (separable + readout));
  EXPECT_EQ(work.step(), work.forward + work.backward);
}

TEST(Work, OfAFactorisedReadout) {
  const Architecture one = shared_compact_architecture(50, {}, 1);
  const Architecture three = shared_compact_architecture(50, {}, 3);
  EXPECT_EQ(multiply_adds(three).forward - multiply_adds(one).forward, 2 * 28 * 28 * (100 + 1));
}

TEST(Work, OfAMember) {
  const Architecture member = member_architecture(
      {.stem = 8, .width = 16, .middle = 4, .residual_blocks = 1}, {3, 32, 32, {}}, 2);
  int64_t expected = 16 * 16 * 75 * 8;  // stem convolution, stride 2
  expected += 8 * 8 * 8 * (9 + 16);     // stem separable, stride 2, twice the filters
  expected += 8 * 8 * 16 * 16;          // pointwise
  expected += 4 * 4 * 16 * (9 + 16);    // separable, stride 2
  expected += 4 * 4 * 16 * (9 + 4);     // residual block
  expected += 4 * 4 * 4 * (9 + 4) + 4 * 4 * 4 * 16;
  expected += 2 * (16 + 1) * 4 * 4;  // factorised readout
  EXPECT_EQ(multiply_adds(member).forward, expected);
}

}  // namespace
}  // namespace secateur
