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

  // Rows of a channel before lighting; valid after finish().
  const float* channel(int c) const { return colour_[static_cast<size_t>(c)].data(); }

 private:
  void blend_row(const Leaf& leaf, int x0, int y, int count, const float* alpha);

  int size_;
  std::vector<float> open_;                   // [size, size]
  std::array<std::vector<float>, 3> colour_;  // [size, size] each
  std::vector<double> open_by_row_;           // sum of open_ over each row
};

}  // namespace secateur::simulated
