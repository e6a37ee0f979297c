#include "report/readout_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

namespace secateur {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json neuron_of(int64_t number, const json& r2) {
  return {{"neuron", number},
          {"name", std::to_string(number)},
          {"r2_raw", r2},
          {"intervals", {{"r2_raw", {{"low", 0.1}, {"high", 0.2}}}}}};
}

json answer_of(const std::vector<json>& r2, const std::string& readout = "ridge") {
  json neurons = json::array();
  for (size_t i = 0; i < r2.size(); ++i) {
    neurons.push_back(neuron_of(static_cast<int64_t>(i), r2[i]));
  }
  return {{"session", "a <b>"},
          {"rows",
           {{{"readout", readout},
             {"depth", 3},
             {"neurons", neurons},
             {"median", {{"r2_raw", 0.3}}},
             {"held_out", {{"r2_raw", nullptr}}},
             {"intervals", {{"r2_raw", {{"low", 0.25}, {"high", 0.35}}}}}}}}};
}

struct Middle {
  double x, y;
};

std::vector<Middle> dots_in(const std::string& plot) {
  static const std::regex dot(R"re(class="neuron" cx="([-\d.]+)" cy="([-\d.]+)" r="4"><title>)re");
  std::vector<Middle> dots;
  for (auto at = std::sregex_iterator(plot.begin(), plot.end(), dot); at != std::sregex_iterator();
       ++at) {
    dots.push_back({std::stod((*at)[1]), std::stod((*at)[2])});
  }
  return dots;
}

// A hundred neurons of nearly the same r2: none is hidden by another.
TEST(ReadoutPlot, ShowsEveryNeuron) {
  std::vector<json> r2;
  for (int i = 0; i < 100; ++i) r2.emplace_back(0.4 + 0.0005 * (i % 7));
  const std::string plot = readout_plot(answer_of(r2));
  const std::vector<Middle> dots = dots_in(plot);
  ASSERT_EQ(dots.size(), 100u);
  for (size_t i = 0; i < dots.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      EXPECT_GE(std::hypot(dots[i].x - dots[j].x, dots[i].y - dots[j].y), 8.0) << i << " " << j;
    }
    EXPECT_GT(dots[i].y, 62) << "below the legend";
  }
  EXPECT_EQ(plot, readout_plot(answer_of(r2))) << "by the values alone";
}

// A dot stands at its value, however far it was moved up or down.
TEST(ReadoutPlot, StandsAtItsValue) {
  const std::vector<Middle> dots = dots_in(readout_plot(answer_of({0.2, 0.2, 0.4, 0.0, 0.8})));
  ASSERT_EQ(dots.size(), 5u);  // sorted by r2
  EXPECT_EQ(dots[1].x, dots[2].x);
  EXPECT_NE(dots[1].y, dots[2].y);
  EXPECT_NEAR(dots[3].x - dots[0].x, 2 * (dots[1].x - dots[0].x), 0.2);
  EXPECT_NEAR(dots[4].x - dots[0].x, 4 * (dots[1].x - dots[0].x), 0.2);
}

TEST(ReadoutPlot, SaysWhatItShows) {
  const std::string plot = readout_plot(answer_of({0.5, nullptr, 0.25}));
  EXPECT_EQ(dots_in(plot).size(), 2u);
  for (const char* part :
       {"Readouts for session a &lt;b&gt;", "ridge, 3 layers", "2 of 3 neurons have an r2",
        "neuron 0: raw r2 0.500, 95 % 0.10 to 0.20", "their median and its 95 %", "font: 13px",
        "raw r2 of images that no readout was fitted on", "class=\"median\" x="}) {
    EXPECT_THAT(plot, HasSubstr(part));
  }
  EXPECT_THAT(plot, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace secateur
