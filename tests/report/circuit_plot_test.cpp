#include "report/circuit_plot.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/circuit_layout.h"
#include "report/wrapped_text.h"
#include "tests/interpretation/small_models.h"

namespace secateur {
namespace {

using testing::HasSubstr;
using testing::Not;

int64_t occurrences(const std::string& text, const std::string& what) {
  int64_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// Pictures left out: base64 may hold any three letters.
std::string without_pictures(const std::string& svg) {
  std::string text;
  const std::string begin = "href=\"";
  for (size_t at = 0; at < svg.size();) {
    const size_t found = std::min(svg.find(begin, at), svg.size());
    text += svg.substr(at, found - at);
    at = found == svg.size() ? found : svg.find('"', found + begin.size());
  }
  return text;
}

CircuitStudy study_of(const Model& model, const Tensor& pixels) {
  Observer nobody;
  return study_circuit(model, 0, {.pixels = pixels, .source = "images"}, 1, nobody);
}

const CircuitStudy& wide_study() {
  static const CircuitStudy study =
      study_of(unlike_fresh(Model(student_architecture({20, 16, 3, 4, 3}, small_input()), 7), 7),
               random_pixels(24));
  return study;
}

void expect_whole(const std::string& svg) {
  const std::string text = without_pictures(svg);
  EXPECT_TRUE(text.ends_with("</svg>\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(text, Not(HasSubstr("inf,")));
  EXPECT_THAT(text, Not(HasSubstr("inf ")));
  EXPECT_THAT(text, Not(HasSubstr("inf\"")));
  for (const std::string tag : {"text", "tspan", "title"}) {
    EXPECT_EQ(occurrences(text, "<" + tag), occurrences(text, "</" + tag + ">")) << tag;
  }
  EXPECT_EQ(occurrences(text, "<g>") + occurrences(text, "<g "), occurrences(text, "</g>"));
}

TEST(CircuitPlot, ShowsEveryFilterAndEverySentence) {
  const std::string svg = circuit_plot(wide_study(), "A & B", {"Sentence <1>.", "The second one."});
  expect_whole(svg);
  EXPECT_THAT(svg, HasSubstr("The circuit of A &amp; B"));
  EXPECT_THAT(svg, HasSubstr("1. Sentence &lt;1&gt;."));
  EXPECT_THAT(svg, HasSubstr("2. The second one."));
  const int64_t filters[] = {20, 16, 3, 4, 3};
  for (int64_t layer = 0; layer < 5; ++layer) {
    for (int64_t f = 0; f < filters[layer]; ++f) {
      const std::string name = fmt::format("<title>layer{} filter {}", layer, f);
      EXPECT_GT(occurrences(svg, name + ":") + occurrences(svg, name + " of group"), 0)
          << layer << " " << f;
    }
  }
  EXPECT_EQ(svg, circuit_plot(wide_study(), "A & B", {"Sentence <1>.", "The second one."}));
}

// All edges between two layers are in a line or among those that are counted, and sum to 1.
TEST(CircuitLayout, LinesSumToTheVarianceOfTheResponse) {
  const CircuitLayout layout = circuit_layout(wide_study());
  std::vector<double> sums(5);
  for (const CircuitLine& line : layout.lines) {
    sums[layout.boxes[line.from].part->set.layer] += line.share;
    EXPECT_GE(std::abs(line.share), kLeastLine);
    EXPECT_NEAR(line.width, std::max(1.0, layout.line_scale * std::abs(line.share)), 1e-9);
    EXPECT_LT(line.x0, line.x1);
  }
  for (size_t layer = 0; layer < 5; ++layer) {
    EXPECT_NEAR(sums[layer] + layout.hidden[layer].share, 1, 1e-9) << layer;
  }
}

// What leaves a box is its share: the number that stands in it.
TEST(CircuitLayout, LinesThatLeaveABoxSumToItsShare) {
  const CircuitLayout layout = circuit_layout(wide_study());
  for (size_t box = 0; box + 1 < layout.boxes.size(); ++box) {
    double sum = 0, room = 0;
    for (const CircuitLine& line : layout.lines) sum += line.from == box ? line.share : 0;
    const auto& next = layout.boxes;
    for (const CircuitBox& other : next) {
      room +=
          other.part != nullptr && other.part->set.layer == layout.boxes[box].part->set.layer + 1
              ? kLeastLine
              : 0;
    }
    EXPECT_NEAR(sum, layout.boxes[box].part->share, room + kLeastLine) << box;
  }
}

TEST(CircuitLayout, BoxesDoNotOverlapAndStayOnThePage) {
  const CircuitLayout layout = circuit_layout(wide_study());
  EXPECT_LE(layout.width, 1240);
  for (size_t a = 0; a < layout.boxes.size(); ++a) {
    const CircuitBox& one = layout.boxes[a];
    EXPECT_GE(one.y, kCircuitTop - 1e-9);
    EXPECT_LE(one.y + one.height, layout.height + 1e-9);
    for (size_t b = 0; b < a; ++b) {
      const CircuitBox& other = layout.boxes[b];
      const bool apart = one.x >= other.x + other.width || other.x >= one.x + one.width ||
                         one.y >= other.y + other.height || other.y >= one.y + one.height;
      EXPECT_TRUE(apart) << a << " and " << b;
    }
  }
}

TEST(CircuitPlot, DashesWhatInhibits) {
  CircuitStudy study = study_of(small_student(), random_pixels(12));
  for (CircuitEdge& edge : study.circuit.edges) edge.mean = 1;
  const std::string path = "<path class=\"line inhibits\"";
  EXPECT_EQ(occurrences(circuit_plot(study, "t", {}), path), 1) << "the legend";
  for (CircuitEdge& edge : study.circuit.edges) edge.mean = -1;
  EXPECT_EQ(occurrences(circuit_plot(study, "t", {}), path),
            1 + std::ssize(circuit_layout(study).lines));
}

TEST(CircuitPlot, OfAConstantResponseHasNoLine) {
  Model dead = small_student();
  dead.tensor("readout.weight").fill(0);
  const CircuitStudy study = study_of(dead, random_pixels(4));
  const std::string svg = circuit_plot(study, "dead", study_sentences(study));
  expect_whole(svg);
  EXPECT_EQ(occurrences(svg, "<path class=\"line"), 2) << "those of the legend";
}

TEST(CircuitPlot, WritesWhatIsNotFiniteAsADash) {
  CircuitStudy study = study_of(small_student(), random_pixels(12));
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const double endless = std::numeric_limits<double>::infinity();
  study.circuit.edges[3].share = nothing;
  study.circuit.edges[5].share = endless;
  study.circuit.filters[2].share = endless;
  study.circuit.mean_response = nothing;
  study.intact[0] = nothing;
  study.layers[1].parts[0].share = nothing;
  study.layers[2].parts[0].ablated = {nothing, endless, nothing, endless};
  study.pictures[0].kernel.fill(std::numeric_limits<float>::quiet_NaN());
  study.pictures[1].patch.pixels.fill(std::numeric_limits<float>::infinity());
  expect_whole(circuit_plot(study, "t", {}));
}

TEST(WrappedText, BreaksAtSpaces) {
  double next = 0;
  const std::string out = wrapped_text(5, 20, 80, "one two three four & five", "soft", next);
  EXPECT_EQ(occurrences(out, "<tspan"), 3);
  EXPECT_THAT(out, HasSubstr(">one two<"));
  EXPECT_THAT(out, HasSubstr(">&amp; five<"));
  EXPECT_EQ(next, 20 + 3 * kWrappedLine);
  EXPECT_THAT(wrapped_text(0, 0, 80, "it is exactly 54 %) of it", "", next),
              HasSubstr(">exactly 54 %)<"));
}

}  // namespace
}  // namespace secateur
