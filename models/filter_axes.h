#pragma once
// Which axes of a parameter count filters.

#include <string>

#include "models/architecture.h"

namespace secateur {

// Axes, and the block whose filters they count; -1: none.
struct FilterAxes {
  int axis = -1;  // of the filters that the parameter belongs to
  int block = -1;
  int input_axis = -1;  // of the filters that it reads
  int input_block = -1;
};

// Of networks of convolutions and separable blocks with a dense readout. Throws Error(kUsage) for a
// name that belongs to no layer.
FilterAxes filter_axes(const Architecture& architecture, const std::string& tensor);

}  // namespace secateur
