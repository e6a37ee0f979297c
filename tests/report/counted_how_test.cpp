#include "report/counted_how.h"

#include <gtest/gtest.h>

#include "models/model.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

TEST(CountedHow, SaysHowManyFoldingLeaves) {
  const Architecture student = student_architecture({30, 40, 3, 5, 4}, small_input());
  const Model folded = fold_batch_norm(Model(student, 1));
  const int64_t left = count_parameters(folded.architecture()).total;
  ASSERT_GT(left, 1000);
  ASSERT_EQ(count_parameters(student).total - left, 4 * 82);
  EXPECT_EQ(counted_how(student), "with batch norms, 4 numbers a filter; " +
                                      std::to_string(left / 1000) + "," +
                                      std::to_string(left % 1000 + 1000).substr(1) +
                                      " once they are folded into the weights");
  EXPECT_EQ(counted_how(folded.architecture()), "no batch norms");
}

}  // namespace
}  // namespace secateur
