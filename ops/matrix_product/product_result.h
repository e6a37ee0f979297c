#pragma once
// Where the sums of a matrix product go.

#include <cstdint>

namespace secateur {

// C = alpha * sums + beta * C, or C^T where the sides were swapped.
struct ProductResult {
  float* data;
  int64_t row, column;  // floats from one to the next
  float alpha, beta;

  // Whether the first sum of an element is the element.
  bool plain() const { return column == 1 && alpha == 1.0f && beta == 0.0f; }

  // Adds a tile of sums. The first sum of an element meets beta * C; with beta = 0, C is not read.
  void add(const float* tile, int64_t tile_row, int64_t first_row, int64_t rows,
           int64_t first_column, int64_t columns, bool first) const {
    for (int64_t i = 0; i < rows; ++i, tile += tile_row) {
      float* const to = data + (first_row + i) * row + first_column * column;
      if (column == 1) {
        add_row(tile, columns, first, [to](int64_t k) -> float& { return to[k]; });
      } else {
        add_row(tile, columns, first, [to, this](int64_t k) -> float& { return to[k * column]; });
      }
    }
  }

 private:
  template <class At>
  void add_row(const float* sums, int64_t columns, bool first, const At& at) const {
    if (first && beta == 0.0f) {
      for (int64_t k = 0; k < columns; ++k) at(k) = alpha * sums[k];
    } else {
      const float factor = first ? beta : 1.0f;
      for (int64_t k = 0; k < columns; ++k) at(k) = factor * at(k) + alpha * sums[k];
    }
  }
};

}  // namespace secateur
