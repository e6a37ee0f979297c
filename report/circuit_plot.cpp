#include "report/circuit_plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "report/circuit_boxes.h"
#include "report/circuit_layout.h"
#include "report/circuit_numbers.h"
#include "report/markup.h"
#include "report/wrapped_text.h"

namespace secateur {
namespace {

constexpr double kPageMargin = 20;
constexpr double kTitleLine = 28;

constexpr const char* kCircuitStyle = R"css(
.circuit { background: #ffffff; }
.circuit text { font: 13px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #22252a; }
.circuit .title { font-size: 17px; font-weight: 600; }
.circuit .name { font-weight: 600; }
.circuit .soft { fill: #5d636c; }
.circuit .box { fill: #ffffff; stroke: #8a8f98; }
.circuit .excites { stroke: #0072b2; }
.circuit .inhibits { stroke: #d55e00; stroke-dasharray: 5 3; }
.circuit .line { fill: none; opacity: 1; stroke-opacity: .72; }
.circuit .group { fill: #8a8f98; fill-opacity: .16; }
.circuit .number { stroke: #ffffff; stroke-width: 3px; paint-order: stroke; }
@media screen and (prefers-color-scheme: dark) {
  .circuit { background: #16181c; }
  .circuit text { fill: #e8e8e4; }
  .circuit .soft { fill: #a6abb3; }
  .circuit .box { fill: #1d2025; }
  .circuit .excites { stroke: #56b4e9; }
  .circuit .inhibits { stroke: #f0a04b; }
  .circuit .number { stroke: #16181c; }
}
)css";

std::string box_name(const CircuitStudy& study, const CircuitBox& box) {
  if (box.part == nullptr) return "the response";
  return study.circuit.layers[box.part->set.layer] + " " + box.part->name;
}

std::string line_svg(const CircuitStudy& study, const CircuitLayout& layout,
                     const CircuitLine& line) {
  const double bend = (line.x1 - line.x0) / 2;
  std::string hint = fmt::format("{} to {}: share of the variance of the response {:+.1f} %",
                                 box_name(study, layout.boxes[line.from]),
                                 box_name(study, layout.boxes[line.to]), 100 * line.share);
  if (line.edges == 1) {
    hint += line.excites() ? "; excites" : "; inhibits";
  } else {
    hint += fmt::format("; {} connections, exciting {:.1f} %, inhibiting {:.1f} %", line.edges,
                        100 * line.excite, 100 * line.inhibit);
  }
  return fmt::format(
      "<path class=\"line {}\" stroke-width=\"{:.1f}\" d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} "
      "{:.1f} {:.1f} {:.1f}\"><title>{}</title></path>\n",
      line.excites() ? "excites" : "inhibits", line.width, line.x0, line.y0, line.x0 + bend,
      line.y0, line.x1 - bend, line.y1, line.x1, line.y1, escaped(hint));
}

std::string line_numbers(const CircuitLayout& layout) {
  std::string out;
  for (const CircuitNumber& number : circuit_numbers(layout)) {
    out +=
        circuit_text(number.x, number.y + kNumberHeight / 2 - 3, number.text, "number", "middle");
  }
  return out;
}

std::string lines_svg(const CircuitStudy& study, CircuitLayout& layout) {
  std::ranges::stable_sort(
      layout.lines, [](const CircuitLine& a, const CircuitLine& b) { return a.width > b.width; });
  std::string out;
  for (const CircuitLine& line : layout.lines) out += line_svg(study, layout, line);
  return out;
}

std::string line_sample(double x, double y, double width, const char* kind) {
  return fmt::format(
      "<path class=\"line {0}\" stroke-width=\"{1:.1f}\" d=\"M{2:.1f} {3:.1f}h34\"/>\n", kind,
      width, x, y - 4);
}

std::string legend(const CircuitStudy& study, const CircuitLayout& layout, double width,
                   double& y) {
  const double ten = 0.1 * layout.line_scale;
  std::string out = line_sample(0, y, ten, "excites") +
                    circuit_text(42, y, "excites what it feeds", "") +
                    line_sample(206, y, ten, "inhibits") + circuit_text(248, y, "inhibits it", "") +
                    circuit_text(342, y,
                                 "width: share of the variance of the response along the weights; "
                                 "these two are 10 %, those below 0.5 % are not drawn",
                                 "soft");
  y += kWrappedLine;
  std::string text =
      "In a box: w, its share along the weights (what its lines add up to); a, its share as "
      "ablation says; + excites, \u2212 inhibits: without it the mean response falls, rises. A "
      "number "
      "on a line is its share, from 10 % on and where there is room.";
  if (study.preferred.clear) {
    text += fmt::format(
        " \u2605: when these filters alone do not see what the model prefers, at least {:.0f} % of "
        "the response to it is lost.",
        100 * kMuchOfStimulus);
  }
  return out + wrapped_text(0, y, width, text, "soft", y);
}

// Below all: what the pictures are.
std::string pictures_legend(const CircuitStudy& study, double width, double& y) {
  const bool grouped = std::ranges::any_of(study.layers, [](const CircuitLayer& layer) {
    return std::ranges::any_of(layer.parts,
                               [](const CircuitPart& part) { return part.set.filters.size() > 1; });
  });
  std::string text =
      "Pictures in a box, from the left: in the first layer the filter's kernel; then the part of "
      "an image that drives it most, as large as what it sees; then the kernel through which all "
      "of the next layer sees its map (a separable layer has no kernels but these), or in the last "
      "layer its readout map. Weights: grey is 0, lighter above, darker below; kernels of the "
      "first layer on one scale, the strongest tenth cut, all others each on its own.";
  if (grouped) {
    text += fmt::format(
        " In layers of more than {} filters A\u00d74 is a group of four that change the response "
        "alike, the one that matters most first; groups without which less is lost than without "
        "those drawn are among the others.",
        kMostSingleFilters);
  }
  return wrapped_text(0, y, width, text, "soft", y);
}

std::string column_names(const CircuitStudy& study, const CircuitLayout& layout) {
  std::string out;
  std::vector<int64_t> counts(study.layers.size());
  for (const CircuitFilter& one : study.circuit.filters) ++counts[one.layer];
  for (size_t layer = 0; layer < study.layers.size(); ++layer) {
    out += circuit_text(layout.layer_x[layer], 12, study.circuit.layers[layer], "name");
    const auto after = static_cast<double>(study.circuit.layers[layer].size() + 1) * 8;
    out += circuit_text(layout.layer_x[layer] + after, 12,
                        fmt::format("{} filter{}", counts[layer], counts[layer] == 1 ? "" : "s"),
                        "soft");
  }
  return out;
}

// What is not drawn, below the gaps.
std::string hidden_numbers(const CircuitLayout& layout) {
  std::string out;
  for (const HiddenLines& hidden : layout.hidden) {
    if (hidden.lines == 0) continue;
    out += fmt::format("<g><title>{} weak lines are not drawn, together {:+.1f} %</title>",
                       hidden.lines, 100 * hidden.share) +
           circuit_text(hidden.x, layout.height + 2, fmt::format("{} weak", hidden.lines), "soft",
                        "middle") +
           circuit_text(hidden.x, layout.height + 18, fmt::format("{:+.1f} %", 100 * hidden.share),
                        "soft", "middle") +
           "</g>\n";
  }
  return out;
}

// In two columns, one below the other where the page is narrow.
std::string sentences_svg(const std::vector<std::string>& sentences, double width, double& y) {
  constexpr double kBetween = 28, kLeastColumn = 480;
  const bool two = width >= 2 * kLeastColumn + kBetween;
  const double column = two ? (width - kBetween) / 2 : width;
  const size_t half = two ? (sentences.size() + 1) / 2 : sentences.size();
  std::string out;
  double left = y, right = y;
  for (size_t i = 0; i < sentences.size(); ++i) {
    double& at = i < half ? left : right;
    out += wrapped_text(i < half ? 0 : column + kBetween, at, column,
                        fmt::format("{}. {}", i + 1, sentences[i]), "", at);
    at += 4;
  }
  y = std::max(left, right);
  return out;
}

}  // namespace

std::string circuit_plot(const CircuitStudy& study, const std::string& title,
                         const std::vector<std::string>& sentences) {
  CircuitLayout layout = circuit_layout(study);
  const double width = std::max(layout.width, 960.0);
  double y = kTitleLine + 18;
  std::string body = legend(study, layout, width, y);
  body += fmt::format("<g transform=\"translate(0 {:.0f})\">\n", y);
  body += column_names(study, layout) + lines_svg(study, layout);
  body += circuit_boxes(study, layout) + line_numbers(layout) + hidden_numbers(layout) + "</g>\n";
  y += layout.height + 44;
  body += sentences_svg(sentences, width, y);
  y += 6;
  body += pictures_legend(study, width, y);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"circuit\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" viewBox=\"{2:.0f} 0 {0:.0f} {1:.0f}\" role=\"img\">\n"
      "<title>{3}</title>\n<style>{4}</style>\n<text class=\"title\" x=\"0\" y=\"28\">{3}</text>\n"
      "{5}</svg>\n",
      width + 2 * kPageMargin, y + 8, -kPageMargin, escaped("The circuit of " + title),
      kCircuitStyle, body);
}

}  // namespace secateur
