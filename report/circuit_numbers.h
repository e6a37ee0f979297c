#pragma once
// Where the shares of a circuit's lines stand in numbers.

#include <string>
#include <vector>

#include "report/circuit_layout.h"

namespace secateur {

inline constexpr double kNumberHeight = 14;  // pixels, of letters of 13

// Its middle; from `text` it is as wide as the letters of the page are.
struct CircuitNumber {
  std::string text;  // "\u221213 %"
  double x = 0, y = 0, width = 0;
};

// Of lines of at least 0.1 of the variance, the largest first: on the line, at its middle or as
// near to that as it covers no other number and no box. One that finds no place is left out; what a
// pointer on the line shows has all.
std::vector<CircuitNumber> circuit_numbers(const CircuitLayout& layout);

}  // namespace secateur
