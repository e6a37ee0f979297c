#pragma once
// A picture painted front to back: each leaf fills only what the leaves before it left open, so
// hidden paint costs nothing and painting can stop once nothing is open.

#include <cstdint>
#include <vector>

#include "data/simulated/leaf.h"

namespace secateur::simulated {

class Canvas {
 public:
  explicit Canvas(int size);

  int size() const { return size_; }
  void paint(const Leaf& leaf);
  // Mean over pixels of the share still open, in [0, 1].
  double open_share() const;
  // Fills what is open with one colour and texture.
  void finish(const Colour& colour, const Texture& texture, const Colour& tint);

  // The finished picture as [size, size, 3], its brightness multiplied by 1 in the middle and
  // changing by the slopes per pixel to the right and down; rounded and clipped to 0..255.
  void develop(float slope_x, float slope_y, uint8_t* rgb) const;

 private:
  void blend_row(const Leaf& leaf, int x0, int y, int count, const float* alpha);

  int size_;
  std::vector<float> open_;                   // [size, size]
  std::array<std::vector<float>, 3> colour_;  // [size, size] each
  std::vector<double> open_by_row_;           // sum of open_ over each row
};

}  // namespace secateur::simulated
