#pragma once
// Plots as one SVG file: lines with points and intervals, or bars; text is in the file's own fonts.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/bootstrap.h"

namespace secateur {

struct PlotPoint {
  double x = 0;
  double y = 0;
  std::optional<Interval> interval;  // of y
};

struct PlotSeries {
  std::string name;  // stands in the legend; empty: not
  std::vector<PlotPoint> points;
  bool bars = false;  // else a line with points
};

struct Plot {
  std::string title;
  std::string x, y;  // what the axes show
  std::vector<PlotSeries> series;
  bool log_x = false;              // values of 0 and less are not drawn
  bool log_y = false;              // likewise
  std::vector<std::string> names;  // of x = 0, 1, ..., in the place of numbers
  std::optional<double> chance;    // a dashed line at this y
};

// The plots side by side, kPlotColumns in a row. A plot without a point says so.
inline constexpr int kPlotColumns = 2;
std::string plots_svg(const std::string& title, const std::vector<Plot>& plots);

}  // namespace secateur
