#include "ops/matrix_product/panels.h"

#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "ops/vector/simd.h"

namespace secateur {
namespace {

constexpr int64_t kEight = 8;

struct Square {
  __m256 row[kEight];
};

Square transposed(const Square& in) {
  Square pairs, quads, out;
  for (int i = 0; i < 8; i += 2) {
    pairs.row[i] = _mm256_unpacklo_ps(in.row[i], in.row[i + 1]);
    pairs.row[i + 1] = _mm256_unpackhi_ps(in.row[i], in.row[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int k = 0; k < 2; ++k) {
      quads.row[i + 2 * k] =
          _mm256_shuffle_ps(pairs.row[i + k], pairs.row[i + k + 2], _MM_SHUFFLE(1, 0, 1, 0));
      quads.row[i + 2 * k + 1] =
          _mm256_shuffle_ps(pairs.row[i + k], pairs.row[i + k + 2], _MM_SHUFFLE(3, 2, 3, 2));
    }
  }
  for (int i = 0; i < 4; ++i) {
    out.row[i] = _mm256_permute2f128_ps(quads.row[i], quads.row[i + 4], 0x20);
    out.row[i + 4] = _mm256_permute2f128_ps(quads.row[i], quads.row[i + 4], 0x31);
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
      square.row[i] = i < lines ? _mm256_loadu_ps(from + i * line + s) : _mm256_setzero_ps();
    }
    square = transposed(square);
    for (int64_t i = 0; i < kEight; ++i) _mm256_storeu_ps(to + (s + i) * width, square.row[i]);
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
