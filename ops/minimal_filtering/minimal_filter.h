#pragma once
// Rows of pixels under five weights by minimal filtering (Winograd, Arithmetic Complexity of
// Computations, 1980): F(4, 5), four outputs of a row from eight products, where the plain sum has
// twenty; and its transpose F(5, 4), the gradients of five weights from four outputs.
//
// Weights g0..g4 and padded columns d0 = x[4j], .., d7 = x[4j + 7] give values u and v at eight
// points, of which six come in pairs of opposite sign:
//   point     u                                             v
//   0         g0                                            d0 - d6 + 21/4 (d4 - d2)
//   +-1       -2/9 (g0 +- g1 + g2 +- g3 + g4)               (d2 + d6 - 17/4 d4)
//                                                             +- (d1 + d5 - 17/4 d3)
//   +-2       1/90 (g0 +- 2 g1 + 4 g2 +- 8 g3 + 16 g4)      (d2/4 + d6 - 5/4 d4)
//                                                             +- (d1/2 + 2 d5 - 5/2 d3)
//   +-1/2     32/45 (g0 +- g1/2 + g2/4 +- g3/8 + g4/16)     (4 d2 + d6 - 5 d4)
//                                                             +- (2 d1 + d5/2 - 5/2 d3)
//   infinity  g4                                            d7 - d1 + 21/4 (d3 - d5)
// Outputs: with m[k] the sum of u[k] v[k] over (channel, ky), and `both` and `apart` the sum and
// the difference of the two m of a pair,
//   y[4j]     = m[0] + both1 + both2 + both3
//   y[4j + 1] = apart1 + 2 apart2 + apart3 / 2
//   y[4j + 2] = both1 + 4 both2 + both3 / 4
//   y[4j + 3] = m[7] + apart1 + 8 apart2 + apart3 / 8
// Gradients: the cotangents of four outputs stand in the place of g0..g3 (and g4 = 0), and m[k] is
// the sum of u[k] v[k] over the plane; dg0..dg3 follow as the outputs do, and
//   dg4 = m[7] + both1 + 16 both2 + both3 / 16, without m[7] in dg3.
// The v are made once for all filters, in double precision: most of the rounding would come from
// them.

#include <cstdint>

namespace secateur {

constexpr int64_t kMinimalTaps = 5;
constexpr int64_t kMinimalOutputs = 4;  // 4j, .. 4j + 3: a four
constexpr int64_t kMinimalPoints = 8;

// u of `filters` filters with `rows` rows of five weights each, w[filter][row][5], to
// to[row][point][filter].
void weights_at_points(const float* w, int64_t filters, int64_t rows, float* to);

// dg[5] of one row of weights from its m, of u without the factors -2/9, 1/90 and 32/45.
void gradients_from_points(const double* m, float* dg);

// The v of a plane [height, width] with `left` columns of zeros before a row, and as many behind it
// as the outputs need.
struct MinimalRows {
  int64_t height, width;  // the width is a multiple of kMinimalOutputs
  int64_t top, left;      // rows and columns of zeros

  // From one row to the next. The last of a row belongs to no output; it lets a plane be treated as
  // one run of fours.
  int64_t pitch() const { return width / kMinimalOutputs + 1; }
  // Rows [first, first + count) of the padded plane, to to[point][row], `array` floats from one
  // point to the next.
  void pack(const float* x, int64_t first, int64_t count, int64_t array, float* to) const;
};

}  // namespace secateur
