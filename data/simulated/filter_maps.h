#pragma once
// Filter responses of many circuits over one image, each filter computed once and only where some
// circuit looks.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "data/simulated/circuit.h"

namespace secateur::simulated {

// Rows [y0, y1) and columns [x0, x1), in pixels; may leave the image.
struct Window {
  int y0 = 0, y1 = 0, x0 = 0, x1 = 0;
  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

Window joined(const Window& a, const Window& b);  // the smallest that holds both
Window moved(const Window& window, int dy, int dx);

struct MappedFilter {
  FilterSpec spec;
  std::vector<float> kernel;  // [side, side]
  size_t plane = 0;           // which colour projection it reads
  Window window;              // where it is computed
  int stride = 0;             // row length of its map
  size_t start = 0;           // of its map in the buffer
};

class FilterMaps {
 public:
  explicit FilterMaps(int size) : size_(size) {}

  // Asks for `spec` over `window`; the same filter asked for twice is one. Returns its number.
  size_t add(const FilterSpec& spec, const Window& window);
  void finish();  // call once after the last add()

  // All maps of an image [size, size, 3] in one buffer; see at().
  Tensor compute(const uint8_t* rgb) const;
  // The responses of filter `filter` in row y from column x on.
  const float* at(const Tensor& maps, size_t filter, int y, int x) const;

 private:
  Tensor colour_planes(const uint8_t* rgb) const;

  static constexpr int kPad = 24;  // how far outside the image a filter may look

  int size_;
  std::vector<std::array<double, 3>> planes_;  // channel weights
  std::vector<MappedFilter> filters_;
  size_t total_ = 0;
};

}  // namespace secateur::simulated
