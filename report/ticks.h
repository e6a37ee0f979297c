#pragma once
// Where the marks of an axis stand.

#include <vector>

namespace secateur {

// 1, 2 or 5 times a power of ten, so that about four of them fill the range.
double round_step(double range);

// The multiples of such a step from low to high. low < high.
std::vector<double> linear_ticks(double low, double high);

// The same from 0, or below, on, and as far as it takes for low and high to lie between the first
// and the last.
std::vector<double> ticks_around(double low, double high);

}  // namespace secateur
