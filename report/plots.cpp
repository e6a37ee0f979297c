#include "report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/axis.h"
#include "report/markup.h"

namespace secateur {
namespace {

constexpr double kWidth = 400, kHeight = 300, kHead = 44;
constexpr double kPlotLeft = 62, kPlotRight = 384, kPlotTop = 40, kPlotBottom = 236;
// Told apart by people with any colour vision (Okabe and Ito); markers differ besides.
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, escaped(text));
}

std::string line_between(double x0, double y0, double x1, double y1, const char* css) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", css, x0, y0,
      x1, y1);
}

std::string frame_of(const Plot& plot, const PlotAxis& x, const PlotAxis& y) {
  std::string out;
  for (const double tick : ticks_of(y)) {
    out += line_between(kPlotLeft, y.at(tick), kPlotRight, y.at(tick), "grid");
    out += text_at(kPlotLeft - 6, y.at(tick) + 4, "end", fmt::format("{:.4g}", tick));
  }
  if (plot.names.empty()) {
    for (const double tick : ticks_of(x)) {
      out += text_at(x.at(tick), kPlotBottom + 17, "middle", fmt::format("{:.4g}", tick));
    }
  }
  for (size_t i = 0; i < plot.names.size(); ++i) {
    out += text_at(x.at(static_cast<double>(i)), kPlotBottom + 17, "middle", plot.names[i]);
  }
  const double baseline = y.low < 0 && y.high > 0 && !y.log ? y.at(0) : kPlotBottom;
  out += line_between(kPlotLeft, baseline, kPlotRight, baseline, "axis");
  if (plot.chance && y.shows(*plot.chance)) {
    out += line_between(kPlotLeft, y.at(*plot.chance), kPlotRight, y.at(*plot.chance), "chance");
  }
  out += text_at((kPlotLeft + kPlotRight) / 2, kPlotBottom + 38, "middle", plot.x);
  const double middle = (kPlotTop + kPlotBottom) / 2;
  out += text_at(14, middle, "middle", plot.y,
                 fmt::format(" transform=\"rotate(-90 14 {:.1f})\"", middle).c_str());
  return out;
}

std::string point_mark(size_t number, double x, double y, const char* colour) {
  switch (number % 3) {
    case 0:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x, y,
                         colour);
    case 1:
      return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"6\" height=\"6\" fill=\"{}\"/>\n",
                         x - 3, y - 3, colour);
    default:
      return fmt::format("<path d=\"M{:.1f} {:.1f} l4 7 h-8 z\" fill=\"{}\"/>\n", x, y - 4.5,
                         colour);
  }
}

std::string bars_of(const PlotSeries& series, const PlotAxis& x, const PlotAxis& y,
                    const char* colour) {
  std::string out;
  const double width = 0.8 * (kPlotRight - kPlotLeft) /
                       static_cast<double>(std::max<size_t>(series.points.size(), 1));
  for (const PlotPoint& point : series.points) {
    const double top = y.at(point.y), base = y.at(y.log ? y.low : 0.0);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
        x.at(point.x) - width / 2, std::min(top, base), width, std::abs(base - top), colour);
  }
  return out;
}

std::string series_of(const PlotSeries& series, size_t number, const PlotAxis& x,
                      const PlotAxis& y) {
  const char* const colour = kColours[number % kColours.size()];
  if (series.bars) return bars_of(series, x, y, colour);
  std::string path, marks;
  for (const PlotPoint& point : series.points) {
    if (!x.shows(point.x) || !y.shows(point.y)) continue;
    const double px = x.at(point.x), py = y.at(point.y);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", px, py);
    if (point.interval) {
      // Of an axis that is logarithmic an interval that reaches 0 goes down to its end.
      const double low = y.shows(point.interval->low) ? y.at(point.interval->low) : y.at(y.low);
      const double high = y.shows(point.interval->high) ? y.at(point.interval->high) : py;
      marks += fmt::format(
          "<line stroke=\"{0}\" stroke-opacity=\"0.5\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" "
          "y1=\"{2:.1f}\" y2=\"{3:.1f}\"/>\n",
          colour, px, low, high);
    }
    if (series.points.size() <= 30) marks += point_mark(number, px, py, colour);
  }
  if (path.empty()) return "";
  return fmt::format("<path class=\"line\" stroke=\"{}\" d=\"{}\"/>\n{}", colour, path, marks);
}

std::string legend_of(const Plot& plot) {
  std::string out;
  double x = kPlotLeft;
  for (size_t i = 0; i < plot.series.size(); ++i) {
    if (plot.series[i].name.empty()) continue;
    out += point_mark(i, x + 4, kPlotBottom + 54, kColours[i % kColours.size()]);
    out += text_at(x + 12, kPlotBottom + 58, "start", plot.series[i].name);
    x += 24 + 6.5 * static_cast<double>(plot.series[i].name.size());
  }
  return out;
}

std::string panel(const Plot& plot) {
  std::vector<double> xs, ys;
  bool any = false;
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      xs.push_back(point.x), ys.push_back(point.y);
      if (point.interval) ys.push_back(point.interval->low), ys.push_back(point.interval->high);
      any = true;
    }
    // Half a bar on either side.
    if (series.bars && series.points.size() > 1) {
      const double step = series.points[1].x - series.points[0].x;
      xs.push_back(series.points.front().x - step / 2);
      xs.push_back(series.points.back().x + step / 2);
    }
  }
  if (plot.chance) ys.push_back(*plot.chance);
  std::string out = text_at(kPlotLeft, 22, "start", plot.title, " class=\"title\"");
  if (!any) return out + text_at(kPlotLeft, kPlotTop + 30, "start", "nothing to show here");
  if (!plot.names.empty()) xs.push_back(static_cast<double>(plot.names.size()) - 1);
  const double inset = plot.names.empty() ? 0 : 24;
  PlotAxis x = axis_of(xs, plot.log_x, kPlotLeft + inset, kPlotRight - inset, false);
  const PlotAxis y = axis_of(ys, plot.log_y, kPlotBottom, kPlotTop, true);
  out += frame_of(plot, x, y);
  for (size_t i = 0; i < plot.series.size(); ++i) out += series_of(plot.series[i], i, x, y);
  return out + legend_of(plot);
}

}  // namespace

std::string plots_svg(const std::string& title, const std::vector<Plot>& plots) {
  const auto count = static_cast<double>(std::max<size_t>(plots.size(), 1));
  const double rows = std::ceil(count / kPlotColumns);
  const double width = kWidth * std::min<double>(kPlotColumns, count);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" font-size=\"11\">\n"
      "<style>.grid{{stroke:#ddd}}.axis{{stroke:#444}}.line{{fill:none;stroke-width:1.8}}"
      ".chance{{stroke:#444;stroke-dasharray:4 4}}.title{{font-size:13px;font-weight:bold}}"
      "text{{fill:#222}}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"16\" y=\"28\" font-size=\"16\" font-weight=\"bold\">{2}</text>\n",
      width, kHead + rows * kHeight, escaped(title));
  for (size_t i = 0; i < plots.size(); ++i) {
    out += fmt::format("<g transform=\"translate({} {})\">\n{}</g>\n",
                       kWidth * static_cast<double>(i % kPlotColumns),
                       kHead + kHeight * static_cast<double>(i / kPlotColumns), panel(plots[i]));
  }
  return out + "</svg>\n";
}

}  // namespace secateur
