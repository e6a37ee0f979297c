#include "report/ablation_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kBarsLeft = 64, kBarsWidth = 520, kGreedyLeft = 664, kGreedyWidth = 280;
constexpr double kPanelHeight = 150, kPanelStep = 226, kPlotHead = 76, kPictureWidth = 970;
constexpr size_t kNumberedBars = 24;  // more have no room for numbers

// Blue and orange are told apart with any colour vision (Okabe and Ito, 2008).
constexpr const char* kAblationStyle = R"css(
text { font: 13px system-ui, "DejaVu Sans", Arial, sans-serif; fill: #22252a; }
.title { font-size: 15px; font-weight: 600; }
.soft { fill: #646a73; }
.axis { stroke: #8a8f98; }
.grid { stroke: #8a8f98; stroke-opacity: 0.35; }
.excites { fill: #0072b2; }
.inhibits { fill: #e69f00; }
.neither { fill: #8a8f98; }
.least { stroke: #009e73; fill: none; stroke-width: 2; }
.most { stroke: #cc79a7; fill: none; stroke-width: 2; stroke-dasharray: 6 3; }
.least-dot { fill: #009e73; }
.most-dot { fill: #cc79a7; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8e8e4; }
  .soft { fill: #a6abb3; }
  .excites { fill: #56b4e9; }
}
)css";

// From 0 to a round number, in a few steps.
struct Scale0 {
  double top = 1;
  double step = 0.25;
};

Scale0 scale_to(double largest) {
  if (!(largest > 0)) return {};
  const double ten = std::pow(10, std::floor(std::log10(largest)));
  for (const double part : {0.25, 0.5, 1.0, 2.5}) {
    const double step = part * ten;
    if (step * 4 >= largest) return {.top = step * std::ceil(largest / step), .step = step};
  }
  return {.top = 10 * ten, .step = 2.5 * ten};
}

std::string plot_label(double x, double y, const std::string& text, const char* more) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
}

std::string level_lines(double left, double width, double bottom, const Scale0& scale) {
  std::string out;
  for (int i = 0; scale.step * i <= scale.top * 1.0001; ++i) {
    const double y = bottom - kPanelHeight * scale.step * i / scale.top;
    out += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
        i == 0 ? "axis" : "grid", left, left + width, y, y);
    out += plot_label(left - 6, y + 4, fmt::format("{:.4g}", scale.step * i),
                      "class=\"soft\" text-anchor=\"end\"");
  }
  return out;
}

std::string loss_bar(const AblatedFilters& one, double x, double width, double bottom,
                     const Scale0& scale, double rounding) {
  const char* const kind = std::abs(one.loss.mean_change) <= rounding ? "neither"
                           : one.loss.mean_change > 0                 ? "excites"
                                                                      : "inhibits";
  const double height = kPanelHeight * one.loss.variance_missing / scale.top;
  return fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\">"
      "<title>filter {}: variance missing {:.3f}, unexplained {:.3f}, mean change {:+.3f}</title>"
      "</rect>\n",
      kind, x, bottom - height, width, height,
      one.set.filters.empty() ? 0 : one.set.filters.front(), one.loss.variance_missing,
      one.loss.variance_unexplained, one.loss.mean_change);
}

std::string loss_bars(const AblationPanel& panel, double bottom) {
  std::vector<const AblatedFilters*> order;
  for (const AblatedFilters& one : panel.filters) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->loss.variance_missing > b->loss.variance_missing;
  });
  const Scale0 scale = scale_to(order.empty() ? 0 : order.front()->loss.variance_missing);
  std::string out = level_lines(kBarsLeft, kBarsWidth, bottom, scale);
  const double each = std::min(40.0, kBarsWidth / std::max<double>(1, double(order.size())));
  const bool numbered = order.size() <= kNumberedBars;
  for (size_t i = 0; i < order.size(); ++i) {
    const double x = kBarsLeft + each * static_cast<double>(i);
    out += loss_bar(*order[i], x + 0.1 * each, 0.8 * each, bottom, scale, panel.rounding);
    if (!numbered || order[i]->set.filters.empty()) continue;
    out += plot_label(x + each / 2, bottom + 16, std::to_string(order[i]->set.filters.front()),
                      "class=\"soft\" text-anchor=\"middle\"");
  }
  return out + plot_label(kBarsLeft, bottom + 34,
                          numbered ? "filter" : "filters, the one that loses most first",
                          "class=\"soft\"");
}

std::string greedy_curve(const std::vector<GreedyStep>& steps, const char* kind, double bottom,
                         const Scale0& scale) {
  if (steps.empty()) return "";
  const double each = kGreedyWidth / static_cast<double>(steps.size());
  std::string points = fmt::format("{:.1f},{:.1f}", kGreedyLeft, bottom);
  std::string dots;
  for (size_t i = 0; i < steps.size(); ++i) {
    const double x = kGreedyLeft + each * static_cast<double>(i + 1);
    const double y = bottom - kPanelHeight * steps[i].loss.variance_missing / scale.top;
    points += fmt::format(" {:.1f},{:.1f}", x, y);
    dots += fmt::format(
        "<circle class=\"{}-dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{} removed, the last "
        "filter {}: variance missing {:.3f}</title></circle>\n",
        kind, x, y, i + 1, steps[i].filter, steps[i].loss.variance_missing);
  }
  return fmt::format("<polyline class=\"{}\" points=\"{}\"/>\n", kind, points) + dots;
}

std::string greedy_curves(const AblationPanel& panel, double bottom) {
  const size_t count = std::max(panel.least_first.size(), panel.most_first.size());
  if (count == 0) return "";
  double largest = 0;
  for (const auto* steps : {&panel.least_first, &panel.most_first}) {
    for (const GreedyStep& step : *steps) largest = std::max(largest, step.loss.variance_missing);
  }
  const Scale0 scale = scale_to(largest);
  std::string out = level_lines(kGreedyLeft, kGreedyWidth, bottom, scale) +
                    greedy_curve(panel.least_first, "least", bottom, scale) +
                    greedy_curve(panel.most_first, "most", bottom, scale);
  out += plot_label(kGreedyLeft, bottom + 16, "0", "class=\"soft\" text-anchor=\"middle\"");
  out += plot_label(kGreedyLeft + kGreedyWidth, bottom + 16, std::to_string(count),
                    "class=\"soft\" text-anchor=\"middle\"");
  return out + plot_label(kGreedyLeft + kGreedyWidth / 2, bottom + 34, "filters removed",
                          "class=\"soft\" text-anchor=\"middle\"");
}

std::string square(const char* kind, double x, double y) {
  return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\"/>\n",
                     kind, x, y - 11);
}

std::string stroke(const char* kind, double x, double y) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, x,
      x + 24, y - 5, y - 5);
}

std::string ablation_legend(bool with_curves) {
  std::string out = square("excites", kBarsLeft, 58) +
                    plot_label(kBarsLeft + 18, 58, "excites: the mean falls without it", "") +
                    square("inhibits", kBarsLeft + 260, 58) +
                    plot_label(kBarsLeft + 278, 58, "inhibits", "");
  if (!with_curves) return out;
  return out + stroke("least", kGreedyLeft, 58) +
         plot_label(kGreedyLeft + 30, 58, "least lost first", "") +
         stroke("most", kGreedyLeft + 150, 58) +
         plot_label(kGreedyLeft + 180, 58, "most lost first", "");
}

}  // namespace

std::string ablation_plot(const std::string& title, const std::vector<AblationPanel>& layers) {
  bool with_curves = false;
  std::string body;
  double y = kPlotHead;
  for (const AblationPanel& panel : layers) {
    const double bottom = y + 22 + kPanelHeight;
    body += plot_label(kBarsLeft, y + 10,
                       fmt::format("{}: variance missing without each of {} filters", panel.layer,
                                   panel.filters.size()),
                       "");
    body += loss_bars(panel, bottom) + greedy_curves(panel, bottom);
    if (!panel.least_first.empty() || !panel.most_first.empty()) {
      with_curves = true;
      body += plot_label(kGreedyLeft, y + 10, "variance missing, one after the other", "");
    }
    y += kPanelStep;
  }
  const double width = with_curves ? kPictureWidth : kBarsLeft + kBarsWidth + 20;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n"
      "<text class=\"title\" x=\"{4:.0f}\" y=\"28\">{2}</text>\n{5}{6}</svg>\n",
      width, y, escaped(title), kAblationStyle, kBarsLeft, ablation_legend(with_curves), body);
}

}  // namespace secateur
