#include "report/axis.h"

#include <algorithm>
#include <cmath>

#include "report/ticks.h"

namespace secateur {

bool PlotAxis::shows(double value) const { return std::isfinite(value) && (!log || value > 0); }

double PlotAxis::at(double value) const {
  const auto scaled = [&](double v) { return log ? std::log10(v) : v; };
  const double share = (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
  return from + (to - from) * std::clamp(share, 0.0, 1.0);
}

std::vector<double> ticks_of(const PlotAxis& axis) {
  std::vector<double> ticks;
  if (axis.log) {
    for (double tick = std::pow(10.0, std::ceil(std::log10(axis.low) - 1e-9));
         tick <= axis.high * (1 + 1e-9); tick *= 10) {
      ticks.push_back(tick);
    }
    if (ticks.size() >= 3) return ticks;
    ticks.clear();  // less than two decades
    for (double decade = std::pow(10.0, std::floor(std::log10(axis.low))); decade <= axis.high;
         decade *= 10) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double tick = factor * decade;
        if (tick >= axis.low * (1 - 1e-9) && tick <= axis.high * (1 + 1e-9)) ticks.push_back(tick);
      }
    }
    if (ticks.size() >= 2) return ticks;
  }
  return linear_ticks(axis.low, axis.high);
}

PlotAxis axis_of(std::vector<double> values, bool log, double from, double to, bool from_zero) {
  PlotAxis axis{.log = log, .from = from, .to = to};
  std::erase_if(values, [&](double v) { return !axis.shows(v); });
  if (values.empty()) return log ? PlotAxis{1, 10, true, from, to} : axis;
  axis.low = *std::min_element(values.begin(), values.end());
  axis.high = *std::max_element(values.begin(), values.end());
  if (log) {
    if (axis.high < axis.low * 1.01) axis.high = axis.low * 10;
    return axis;
  }
  if (from_zero) axis.low = std::min(axis.low, 0.0), axis.high = std::max(axis.high, 0.0);
  if (axis.high - axis.low < 1e-12) axis.high = axis.low + 1;
  if (from_zero) {
    const double step = round_step(axis.high - axis.low);
    axis.low = std::floor(axis.low / step + 1e-9) * step;
    axis.high = std::ceil(axis.high / step - 1e-9) * step;
  }
  return axis;
}

}  // namespace secateur
