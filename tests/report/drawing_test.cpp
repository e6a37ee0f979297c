// A drawing as a file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/svg.h"
#include "tensor/error.h"
#include "tests/temporary_folder.h"

namespace secateur {
namespace {

TEST(WriteDrawing, RefusesPlacesThatAreNoNumbers) {
  const TemporaryFolder folder;
  const auto written = [&](const std::string& body) {
    try {
      write_drawing(folder / "a.svg", svg_drawing(10, 10, "nan and inf of a finance", body));
      return std::string("written");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
      return std::string(error.what());
    }
  };
  for (const double wrong : {double{NAN}, double{INFINITY}, -double{INFINITY}}) {
    EXPECT_THAT(written(svg_rule(0, 1, 2, wrong)), testing::HasSubstr("'a.svg' would hold"));
    EXPECT_THAT(written(svg_text(wrong, 1, "end", "here")), testing::HasSubstr("not finite"));
    EXPECT_THAT(written(svg_group(1, wrong, "here", "")), testing::HasSubstr("not finite"));
  }
  EXPECT_THAT(written("<path d=\"M1 2L3 nan\"/>"), testing::HasSubstr("not finite"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.svg"));
  EXPECT_EQ(written(svg_rule(0, 1, 2, 3) + svg_text(1, 2, "end", "x=\"nan\"")), "written");
  EXPECT_TRUE(std::filesystem::exists(folder / "a.svg"));
}

}  // namespace
}  // namespace secateur
