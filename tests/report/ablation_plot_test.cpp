#include "report/ablation_plot.h"

#include <gtest/gtest.h>

namespace secateur {
namespace {

int64_t count_of(const std::string& text, const std::string& what) {
  int64_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

AblationPanel panel_of(int64_t filters) {
  AblationPanel panel{.layer = "layer<3>", .filters = {}, .least_first = {}, .most_first = {}};
  for (int64_t f = 0; f < filters; ++f) {
    const double missing = 0.1 * static_cast<double>(f + 1);
    panel.filters.push_back(
        {.set = {.layer = 3, .filters = {f}},
         .loss = {.mean_change = f % 2 == 0 ? 0.5 : -0.5, .variance_missing = missing},
         .change = {}});
  }
  return panel;
}

TEST(AblationPlot, HasABarForEachFilterTheLargestFirst) {
  const std::string svg = ablation_plot("A & B", {panel_of(3)});
  EXPECT_EQ(count_of(svg, "<title>filter "), 3);
  EXPECT_LT(svg.find("filter 2:"), svg.find("filter 1:"));
  EXPECT_LT(svg.find("filter 1:"), svg.find("filter 0:"));
  EXPECT_EQ(count_of(svg, "class=\"inhibits\""), 1 + 1);  // and the legend
  EXPECT_EQ(count_of(svg, "class=\"excites\""), 2 + 1);
  EXPECT_NE(svg.find("A &amp; B"), std::string::npos);
  EXPECT_NE(svg.find("layer&lt;3&gt;"), std::string::npos);
  EXPECT_EQ(count_of(svg, "polyline"), 0);
  EXPECT_EQ(svg, ablation_plot("A & B", {panel_of(3)}));
}

TEST(AblationPlot, DrawsBothGreedyOrders) {
  AblationPanel panel = panel_of(2);
  panel.least_first = {{.filter = 0, .loss = {.variance_missing = 0.1}},
                       {.filter = 1, .loss = {.variance_missing = 1}}};
  panel.most_first = {{.filter = 1, .loss = {.variance_missing = 3}},
                      {.filter = 0, .loss = {.variance_missing = 1}}};
  const std::string svg = ablation_plot("t", {panel, panel_of(40)});
  EXPECT_EQ(count_of(svg, "<polyline"), 2);
  EXPECT_EQ(count_of(svg, "<circle"), 4);
}

TEST(AblationPlot, OfNothingOrOfZerosIsStillAPicture) {
  AblationPanel idle = panel_of(1);
  idle.filters[0].loss.variance_missing = 0;
  for (const std::string& svg : {ablation_plot("t", {}), ablation_plot("t", {idle, panel_of(0)})}) {
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
    EXPECT_EQ(count_of(svg, "nan") + count_of(svg, "inf"), 0) << svg;
  }
}

}  // namespace
}  // namespace secateur
