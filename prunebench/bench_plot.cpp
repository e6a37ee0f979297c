#include "prunebench/bench_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "prunebench/criterion.h"
#include "report/axis.h"
#include "report/figure.h"
#include "report/svg.h"

namespace secateur {
namespace {

constexpr double kPanelWidth = 620, kPanelHeight = 330;
constexpr double kLeft = 64, kRight = 360, kTop = 46, kBottom = 268, kNames = 384;
constexpr double kNameRow = 16;  // between names at the ends of lines
constexpr double kHeadRoom = 34;
constexpr std::array kDashes = {"", "7 3", "2 3"};

// All groups of a panel, by size.
using Panel = std::vector<const BenchGroup*>;

struct Line {
  size_t number = 0;  // among all criteria: its looks
  std::string name;
  std::vector<const CriterionSummary*> points;
};

std::vector<Line> lines_of(const Panel& panel) {
  std::vector<Line> lines;
  for (size_t i = 0; i < all_criteria().size(); ++i) {
    Line line{.number = i, .name = all_criteria()[i].title, .points = {}};
    for (const BenchGroup* const group : panel) {
      for (const CriterionSummary& one : group->criteria) {
        if (one.criterion == all_criteria()[i].name) line.points.push_back(&one);
      }
    }
    if (!line.points.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

const char* colour_of(const Line& line) { return kSvgColours[line.number % kSvgColours.size()]; }

// Five shapes; no two criteria have both shape and colour in common.
std::string mark_at(const Line& line, double x, double y) {
  constexpr std::array kShapes = {"M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
                                  "M-3.2 -3.2h6.4v6.4h-6.4z", "M0 -4.4l4.2 7.4h-8.4z",
                                  "M0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z",
                                  "M-3.6 -3.6l7.2 7.2M-3.6 3.6l7.2 -7.2"};
  const size_t shape = line.number % kShapes.size();
  return fmt::format(
      "<path transform=\"translate({:.1f} {:.1f})\" d=\"{}\" fill=\"{}\" stroke=\"{}\" "
      "stroke-width=\"1.5\"/>\n",
      x, y, kShapes[shape], shape + 1 == kShapes.size() ? "none" : colour_of(line),
      colour_of(line));
}

std::string stroke_of(const Line& line) {
  const char* const dash = kDashes[line.number % kDashes.size()];
  return fmt::format("stroke=\"{}\" fill=\"none\" stroke-width=\"{}\"{}", colour_of(line),
                     line.number == 0 ? "2.6" : "1.6",
                     *dash == 0 ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
}

std::string drawn(const Line& line, size_t lines, const PlotAxis& x, const PlotAxis& y) {
  std::string path, marks;
  // Intervals of one size stand side by side.
  const double beside =
      2.2 * (static_cast<double>(line.number) - static_cast<double>(lines - 1) / 2);
  for (const CriterionSummary* const point : line.points) {
    const double px = x.at(point->parameters) + beside, py = y.at(point->r2.value);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", px, py);
    if (point->r2.interval) {
      marks += fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}\" stroke=\"{}\" opacity=\"0.5\"/>\n",
                           px, y.at(point->r2.interval->low), y.at(point->r2.interval->high),
                           colour_of(line));
    }
    marks += mark_at(line, px, py);
  }
  return fmt::format("<path d=\"{}\" {}/>\n{}", path, stroke_of(line), marks);
}

// The names, from top to bottom as the lines end at their largest network.
std::string names_of_lines(std::vector<Line> lines, const PlotAxis& y) {
  const auto end = [&](const Line& line) { return y.at(line.points.front()->r2.value); };
  std::ranges::stable_sort(lines, {}, end);
  const double height = kNameRow * static_cast<double>(lines.size() - 1);
  double at = std::max(kTop + 4, (kTop + kBottom - height) / 2);
  std::string out;
  for (const Line& line : lines) {
    out += fmt::format("<path d=\"M{:.1f} {:.1f}h26\" {}/>\n", kNames, at, stroke_of(line));
    out += mark_at(line, kNames + 13, at);
    out += svg_text(kNames + 34, at + 4.5, "start", line.name);
    at += kNameRow;
  }
  return out;
}

std::string title_of_panel(const BenchGroup& group, const BenchOptions& options) {
  const std::string treatment = group.treatment == kRemoved ? "as cut"
                                : group.treatment == kRecalibrated
                                    ? "batch norms measured anew"
                                    : fmt::format("retrained on {} images", options.retrain);
  return fmt::format("{} {}, {}, {}", group.criteria.front().neurons,
                     group.source == "simulated" ? "simulated" : "recorded",
                     group.schedule == kOneShot ? "one-shot" : "gradual", treatment);
}

std::string frame_of_panel(const PlotAxis& x, const PlotAxis& y) {
  std::string out;
  for (const double tick : ticks_of(y)) {
    out += svg_rule(kLeft, y.at(tick), kRight, y.at(tick));
    out += svg_text(kLeft - 6, y.at(tick) + 4.5, "end", fmt::format("{:.4g}", tick));
  }
  for (const double tick : ticks_of(x)) {
    out += svg_rule(x.at(tick), kBottom, x.at(tick), kBottom + 5);
    out += svg_text(x.at(tick), kBottom + 19, "middle", short_count(tick));
  }
  out += svg_rule(kLeft, kBottom, kRight, kBottom);
  out += svg_text((kLeft + kRight) / 2, kBottom + 38, "middle", "parameters");
  return out;
}

std::string panel_svg(const Panel& panel, const BenchOptions& options) {
  const std::vector<Line> lines = lines_of(panel);
  std::vector<double> xs, ys;
  for (const Line& line : lines) {
    for (const CriterionSummary* const point : line.points) {
      xs.push_back(point->parameters);
      ys.push_back(point->r2.value);
      if (!point->r2.interval) continue;
      ys.push_back(point->r2.interval->low);
      ys.push_back(point->r2.interval->high);
    }
  }
  const PlotAxis x = axis_of(xs, true, kLeft + 14, kRight - 14, false);
  const PlotAxis y = axis_of(ys, false, kBottom, kTop, true);
  std::string out = svg_text(kLeft, 16, "start", title_of_panel(*panel.front(), options));
  out += svg_text(kLeft, 34, "start", "median r2 with the teacher, 95 % over neurons");
  out += frame_of_panel(x, y);
  for (const Line& line : lines) out += drawn(line, all_criteria().size(), x, y);
  return out + names_of_lines(lines, y);
}

}  // namespace

std::string bench_plot(const BenchSummary& summary, const BenchOptions& options,
                       const std::string& title) {
  std::vector<Panel> panels;
  for (const BenchGroup& group : summary.groups) {
    const bool same = !panels.empty() && panels.back().front()->source == group.source &&
                      panels.back().front()->schedule == group.schedule &&
                      panels.back().front()->treatment == group.treatment;
    if (!same) panels.emplace_back();
    panels.back().push_back(&group);
  }
  constexpr size_t kColumnsOfPanels = 2;
  const size_t columns = std::clamp<size_t>(panels.size(), 1, kColumnsOfPanels);
  const size_t rows = std::max<size_t>(1, (panels.size() + columns - 1) / columns);
  std::string body;
  for (size_t i = 0; i < panels.size(); ++i) {
    body += svg_group(kPanelWidth * static_cast<double>(i % columns),
                      kHeadRoom + kPanelHeight * static_cast<double>(i / columns),
                      title_of_panel(*panels[i].front(), options), panel_svg(panels[i], options));
  }
  return svg_drawing(kPanelWidth * static_cast<double>(columns),
                     kHeadRoom + kPanelHeight * static_cast<double>(rows), title, body);
}

}  // namespace secateur
