#pragma once
// Where the parts and the lines of a circuit stand on its page (circuit_plot.h). Pixels.

#include <vector>

#include "interpretation/circuit_study.h"

namespace secateur {

// The drawing as a whole; lines that carry less than kLeastLine of the variance of the response are
// counted and not drawn.
inline constexpr double kLeastLine = 0.005;
inline constexpr double kCircuitPicture = 42;  // side of a kernel, a patch, a readout map
inline constexpr double kCircuitThumb = 16;    // side of those of the filters behind the first
inline constexpr double kCircuitGap = 4;
inline constexpr double kCircuitWords = 65;  // width of what stands beside pictures
inline constexpr double kCircuitTop = 24;    // of the boxes, below the names of the layers
inline constexpr double kResponseWidth = 116;

struct CircuitBox {
  const CircuitPart* part = nullptr;  // none: the response
  bool others = false;
  double x = 0, y = 0, width = 0, height = 0;
  int64_t pictures = 2;  // large ones
};

// All edges from the filters of one part to those of another, or to the response.
struct CircuitLine {
  size_t from = 0, to = 0;         // boxes
  double share = 0;                // of the variance of the response, along the weights
  double excite = 0, inhibit = 0;  // sums of the magnitudes of the shares of edges of each sign
  int64_t edges = 0;
  double width = 0;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // its ends
  bool excites() const { return excite >= inhibit; }
};

// What is not drawn between a layer and the next.
struct HiddenLines {
  double x = 0;  // middle of the gap
  int64_t lines = 0;
  double share = 0;
};

struct CircuitLayout {
  double width = 0, height = 0;
  double line_scale = 0;          // pixels of width for all of the variance
  std::vector<CircuitBox> boxes;  // layer by layer, at last the response
  std::vector<CircuitLine> lines;
  std::vector<HiddenLines> hidden;  // behind each layer
  std::vector<double> layer_x;      // left side of each column
};

CircuitLayout circuit_layout(const CircuitStudy& study);

// 0 where a number is not finite.
double finite_or_0(double value);

}  // namespace secateur
