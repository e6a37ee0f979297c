#include "report/ticks.h"

#include <algorithm>
#include <cmath>

namespace secateur {

double round_step(double range) {
  const double step = std::pow(10.0, std::floor(std::log10(range / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * step) <= 5) return factor * step;
  }
  return 10 * step;
}

std::vector<double> linear_ticks(double low, double high) {
  std::vector<double> ticks;
  const double step = round_step(high - low);
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) {
    ticks.push_back(k * step + 0.0);  // not -0
  }
  return ticks;
}

std::vector<double> ticks_around(double low, double high) {
  low = std::min(low, 0.0);
  high = high > low ? high : low + 1;
  const double step = round_step(high - low);
  return linear_ticks(step * std::floor(low / step + 1e-9), step * std::ceil(high / step - 1e-9));
}

}  // namespace secateur
