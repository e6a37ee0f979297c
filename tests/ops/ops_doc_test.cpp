#include "tests/ops/ops_doc.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace secateur {
namespace {

TEST(OpsDoc, IsWhatTheTablesSay) {
  std::ifstream file(std::string(SECATEUR_SOURCE_DIR) + "/docs/ops.md", std::ios::binary);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), ops_doc(all_op_rooms()))
      << "docs/ops.md is out of date: build/release/bin/ops_doc > docs/ops.md";
}

TEST(OpsDoc, ShowsWhatACaseHolds) {
  const OpRoom room{.op = "halve",
                    .summary = "y = x / 2",
                    .cases = {{.name = "stride_2",
                               .inputs = {{"x", {2, 3}}, {"t", {3}, 0, 1, false}},
                               .apply = {},
                               .reference = {},
                               .longest_sum = 5,
                               .multiply_adds = 6,
                               .bytes_kept = 7,
                               .model_shape = true}},
                    .refused = {{"rank", [] {}, "[halve] wanted a matrix"}}};
  const std::string text = ops_doc({room});
  EXPECT_NE(text.find("| stride_2 (model) | x [2, 3], t [3] constant | 5 | 6 | 7 |"),
            std::string::npos);
  EXPECT_NE(text.find("- rank: `[halve] wanted a matrix`"), std::string::npos);
  EXPECT_NE(text.find("| [halve](#halve) | y = x / 2 | 1 | 1 |"), std::string::npos);
}

}  // namespace
}  // namespace secateur
