#pragma once
// An axis of a drawing: from numbers to places, linear or logarithmic.

#include <vector>

namespace secateur {

struct PlotAxis {
  double low = 0, high = 1;
  bool log = false;
  double from = 0, to = 1;  // on the page
  bool shows(double value) const;
  double at(double value) const;  // values outside stand at the ends
};

std::vector<double> ticks_of(const PlotAxis& axis);

// Holds every value with some room; an axis that is not logarithmic begins at 0 where it can, if
// `from_zero`. What the axis cannot show is left out.
PlotAxis axis_of(std::vector<double> values, bool log, double from, double to, bool from_zero);

}  // namespace secateur
