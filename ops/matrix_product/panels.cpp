#include "ops/matrix_product/panels.h"

#include <algorithm>
#include <cstring>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

constexpr int64_t kEight = 8;

using avx2::HalfLanes;

struct Square {
  HalfLanes row[kEight];
};

SECATEUR_INLINE HalfLanes first_pairs(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
SECATEUR_INLINE HalfLanes last_pairs(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
SECATEUR_INLINE HalfLanes first_twos(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
SECATEUR_INLINE HalfLanes last_twos(HalfLanes a, HalfLanes b) {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}

Square transposed(const Square& in) {
  Square pairs, quads, out;
  for (int i = 0; i < 8; i += 2) {
    pairs.row[i] = first_pairs(in.row[i], in.row[i + 1]);
    pairs.row[i + 1] = last_pairs(in.row[i], in.row[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int k = 0; k < 2; ++k) {
      quads.row[i + 2 * k] = first_twos(pairs.row[i + k], pairs.row[i + k + 2]);
      quads.row[i + 2 * k + 1] = last_twos(pairs.row[i + k], pairs.row[i + k + 2]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    const HalfLanes a = quads.row[i], b = quads.row[i + 4];
    out.row[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    out.row[i + 4] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  }
  return out;
}

// Steps are neighbours in memory: squares of 8 x 8 are turned. A store may reach into the place of
// the next step, which is written after it.
void pack_eight_lines(const float* from, int64_t line, int64_t lines, int64_t steps, int64_t width,
                      float* to) {
  int64_t s = 0;
  for (; s + kEight <= steps; s += kEight) {
    Square square;
    for (int64_t i = 0; i < kEight; ++i) {
      square.row[i] = HalfLanes{};
      if (i < lines) std::memcpy(&square.row[i], from + i * line + s, sizeof(HalfLanes));
    }
    square = transposed(square);
    for (int64_t i = 0; i < kEight; ++i) {
      std::memcpy(to + (s + i) * width, &square.row[i], sizeof(HalfLanes));
    }
  }
  for (; s < steps; ++s) {
    for (int64_t i = 0; i < std::min(width, kEight); ++i) {
      to[s * width + i] = i < lines ? from[i * line + s] : 0.0f;
    }
  }
}

}  // namespace

void pack_panel(const ProductSide& side, int64_t first_line, int64_t lines, int64_t first_step,
                int64_t steps, int64_t width, float* to) {
  if (side.line == 1) {
    const float* from = side.at(first_line, first_step);
    for (int64_t s = 0; s < steps; ++s, from += side.step, to += width) {
      if (lines == kPanelColumns) {
        std::memcpy(to, from, kPanelColumns * sizeof(float));
      } else {
        copy_floats(from, lines, to);
        std::fill(to + lines, to + width, 0.0f);
      }
    }
    return;
  }
  for (int64_t i = 0; i < width; i += kEight) {
    const int64_t some = std::clamp<int64_t>(lines - i, 0, kEight);
    pack_eight_lines(side.at(first_line + i, first_step), side.line, some, steps, width, to + i);
  }
}

}  // namespace secateur
