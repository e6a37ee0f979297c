#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "report/field_plot.h"
#include "report/patch_plot.h"
#include "report/svg.h"
#include "report/tuning_plot.h"
#include "tests/interpretation/planted_models.h"

namespace secateur {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

int64_t times(const std::string& text, const std::string& what) {
  int64_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

void expect_drawing(const std::string& svg, const std::string& title) {
  EXPECT_THAT(svg, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, HasSubstr("<title>" + title + "</title>"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(svg, Not(HasSubstr("width=\"100%\""))) << "a ground of its own";
  EXPECT_EQ(times(svg, "<g"), times(svg, "</g>"));
  EXPECT_EQ(times(svg, "<text"), times(svg, "</text>"));
}

TEST(TuningPlot, HasAMapForEachPolarityAndACurveForEachAxis) {
  const InputSpec input{.height = 40, .width = 48};
  const Model model = planted_model(dark_dot_kernel(7, 2), only_at(40, 48, 12, 30), 1);
  Observer nobody;
  const TuningProfile profile =
      tuning_profile(responses_to_pixels(model), stimuli::ground_of(input), 1, nobody);
  const std::string svg = tuning_plot(profile, "neuron <7>");
  expect_drawing(svg, "neuron &lt;7&gt;");
  EXPECT_EQ(times(svg, "<image"), 4) << "two maps and their scales";
  for (const char* axis : {"radius, pixels", "number", "orientation, degrees", "width, pixels",
                           "frequency, cycles per image", "phase, degrees", "direction, degrees",
                           "turn, degrees", "angle, degrees", "hue, degrees", "chroma"}) {
    EXPECT_THAT(svg, HasSubstr(std::string(">") + axis + "<"));
  }
  EXPECT_THAT(svg, HasSubstr(">dark dot: where<"));
  const stimuli::Place& place = profile.dots[0].place;
  EXPECT_THAT(svg, HasSubstr(fmt::format("best at ({:.1f}, {:.1f})", place.x, place.y)));
  EXPECT_EQ(svg, tuning_plot(profile, "neuron <7>"));
  // As the sentences count: another scale and offset of the responses are the same picture.
  TuningProfile other = profile;
  const auto change = [](double& response) { response = 4 * response + 32; };
  const auto change_all = [&](Tuning& tuning) {
    std::ranges::for_each(tuning.responses, change);
    for (double& deviation : tuning.deviations) deviation *= 4;
    change(tuning.blank);
  };
  for (DotTuning& dots : other.dots) {
    for (Tuning* tuning : {&dots.location, &dots.size, &dots.number}) change_all(*tuning);
  }
  std::ranges::for_each(other.others, change_all);
  change(other.blank), change(other.reference.mean);
  other.reference.deviation *= 4;
  const auto curves = [](const std::string& drawing) {
    return drawing.substr(drawing.find("Dashed: to the empty ground"));
  };
  EXPECT_EQ(curves(tuning_plot(other, "neuron <7>")), curves(svg));
}

TEST(FieldPlot, HasFourMapsAndTheirGaussians) {
  const Model model = planted_model(dark_dot_kernel(7, 2), only_at(40, 48, 12, 30));
  const stimuli::Ground ground{.height = 40, .width = 48};
  Observer nobody;
  const ReceptiveField field =
      receptive_field(model, 0, stimuli::simulated_pictures(ground, 1, 4),
                      {.blur = blur_options_for(ground), .blurred = 2}, nobody);
  const std::string svg = field_plot(field, "where");
  expect_drawing(svg, "where");
  EXPECT_EQ(times(svg, "<image"), 8);
  EXPECT_EQ(times(svg, "<ellipse"), 3);
  EXPECT_THAT(svg, HasSubstr("one standard deviation of the Gaussian"));
  // A model that sees nothing has maps of zeros and no ellipse.
  const Model blind = planted_model(Tensor::zeros(Shape{3, 3, 3}), only_at(40, 48, 12, 30));
  const std::string nothing = field_plot(
      receptive_field(blind, 0, stimuli::simulated_pictures(ground, 1, 1), {}, nobody), "blind");
  expect_drawing(nothing, "blind");
  EXPECT_EQ(times(nothing, "<ellipse"), 0);
}

TEST(PatchPlot, HasABarForEachFilterTheLargestShareFirst) {
  const auto one = [](int64_t filter, double share) {
    return PatchedFilters{.set = {0, {filter}}, .change = {}, .share = share};
  };
  const LayerPatching layer{
      .layer = 0, .filters = {one(0, -0.3), one(1, 1.2), one(2, NAN)}, .interaction = 0.1};
  const std::string svg = patch_plot("a <b>", {"layer0"}, {layer});
  expect_drawing(svg, "a &lt;b&gt;");
  EXPECT_EQ(times(svg, "<rect"), 3);
  EXPECT_LT(svg.find("filter 1: 120.0 %"), svg.find("filter 0: -30.0 %"));
  EXPECT_EQ(times(svg, kSvgColours[1]), 1) << "pulls the other way";
  EXPECT_THAT(svg, HasSubstr("interaction +0.10"));
  expect_drawing(patch_plot("none", {}, {}), "none");
}

TEST(Svg, HeatMapsHaveTheColoursOfTheirScale) {
  const HeatScale up{0, 1, false}, both{-1, 1, true};
  const auto map = [](double value, const HeatScale& scale) {
    return svg_heat_map(std::vector<double>{value}, 1, 1, scale, 8, 8);
  };
  EXPECT_EQ(map(2, up), map(1, up)) << "beyond the end";
  EXPECT_EQ(map(-3, both), map(-1, both));
  EXPECT_NE(map(0, up), map(1, up));
  EXPECT_NE(map(-1, both), map(1, both));
  EXPECT_NE(map(0, both), map(0, up));
  EXPECT_NE(map(NAN, up), map(0.5, up));
  EXPECT_EQ(map(7, {7, 7, true}), map(0, both)) << "a scale of nothing: its middle";
}

}  // namespace
}  // namespace secateur
