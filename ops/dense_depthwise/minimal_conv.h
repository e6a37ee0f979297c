#pragma once
// A convolution five columns wide in front of a depthwise one of stride 2, by minimal filtering
// (Winograd, Arithmetic Complexity of Computations, 1980): F(4, 5), four outputs of a row from
// eight products, where the plain sum has twenty.
//
// Weights g0..g4 and padded columns d0 = x[4j], .., d7 = x[4j + 7] give values u and v at eight
// points, of which four come in pairs of opposite sign:
//   point     u                                             v
//   0         g0                                            d0 - d6 + 21/4 (d4 - d2)
//   +-1       -2/9 (g0 +- g1 + g2 +- g3 + g4)               (d2 + d6 - 17/4 d4)
//                                                             +- (d1 + d5 - 17/4 d3)
//   +-2       1/90 (g0 +- 2 g1 + 4 g2 +- 8 g3 + 16 g4)      (d2/4 + d6 - 5/4 d4)
//                                                             +- (d1/2 + 2 d5 - 5/2 d3)
//   +-1/2     32/45 (g0 +- g1/2 + g2/4 +- g3/8 + g4/16)     (4 d2 + d6 - 5 d4)
//                                                             +- (2 d1 + d5/2 - 5/2 d3)
//   infinity  g4                                            d7 - d1 + 21/4 (d3 - d5)
// With m[k] the sum of u[k] v[k] over (channel, ky), and `both` and `apart` the sum and the
// difference of the two m of a pair:
//   y[4j]     = m[0] + both1 + both2 + both3
//   y[4j + 1] = apart1 + 2 apart2 + apart3 / 2
//   y[4j + 2] = both1 + 4 both2 + both3 / 4
//   y[4j + 3] = m[7] + apart1 + 8 apart2 + apart3 / 8
// The v are made once for all filters, in double precision: most of the rounding would come from
// them.
//
// Everything lies in rows of the same pitch, so that a plane is one run of fours: the one that
// falls between two rows is a margin of the depthwise convolution, and is cleared afterwards. y
// comes out in the two phases that its kernel reads.

#include <vector>

#include "ops/dense_depthwise/minimal_kernels.h"
#include "ops/dense_depthwise/row_layout.h"
#include "ops/dense_depthwise/step_plan.h"

namespace secateur {

class MinimalConv {
 public:
  // x: the rows the convolution reads; y: those of the depthwise convolution behind it.
  static bool fits(const RowLayout& x, const RowLayout& y);
  MinimalConv(const RowLayout& x, const RowLayout& y, const FilterGroups& groups, const Tensor& w,
              Isa isa);

  int64_t packed_numel() const { return channels_ * kMinimalPoints * array_; }
  void pack(const float* x, float* to) const;

  // The rows of y of one filter: row_stride() and phase_width() for the depthwise kernel.
  int64_t plane_numel() const { return 2 * phase_; }
  int64_t row_stride() const { return 2 * pitch_; }
  int64_t phase_width() const { return phase_; }

  // All filters of a group: planes[filter][plane_numel()], margins included.
  void group(const float* packed, int64_t which, const float* bias, float floor,
             float* planes) const;

 private:
  void clear_margins(float* plane) const;

  const MinimalKernels& kernels_;
  RowLayout x_, y_;
  FilterGroups groups_;
  int64_t channels_;
  int64_t pitch_;  // fours from one row to the next
  int64_t array_;  // floats of one point of one channel
  int64_t phase_;  // floats of one phase of one filter
  std::vector<int64_t> rows_;
  std::vector<float> weights_;  // [group][row][point][filter]
};

}  // namespace secateur
