#pragma once
// One side of a matrix product, copied so that a kernel reads it from front to back.

#include <cstdint>

#include "ops/vector/simd.h"

namespace secateur {

// A line is a row of op(A) or a column of op(B); a step is one k.
struct ProductSide {
  const float* data;
  int64_t line;  // floats from one line to the next
  int64_t step;  // and from one step to the next; one of the two is 1
  int64_t lines;

  const float* at(int64_t first_line, int64_t first_step) const {
    return data + first_line * line + first_step * step;
  }
};

constexpr int64_t kPanelColumns = 2 * kLanes;  // lines of a panel that lanes run over

// Writes up to this many floats behind a panel, which the next panel overwrites.
constexpr int64_t kPanelSlack = 8;

// to[step * width + line] for `lines` lines from `first_line` on, and zeros up to `width`: at most
// 8, or a multiple of 8. When it is below 8 it must be `lines`.
void pack_panel(const ProductSide& side, int64_t first_line, int64_t lines, int64_t first_step,
                int64_t steps, int64_t width, float* to);

}  // namespace secateur
