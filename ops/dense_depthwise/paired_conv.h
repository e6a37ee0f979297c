#pragma once
// A convolution five columns wide in front of a depthwise one of stride 2, with fewer
// multiply-adds.
//
// Outputs y[2j] and y[2j + 1] of a row with weights g0..g4 and padded columns d0 = x[2j], d1, ..
// d5 = x[2j + 5]: the first three weights after Winograd's F(2, 3), the last two after F(2, 2)
// (Arithmetic Complexity of Computations, 1980):
//   first  = g0 (d0 - d2) - g3 (d4 - d3)        y[2j]     = first + both + apart
//   second = g2 (d3 - d1) + g4 (d5 - d4)        y[2j + 1] = second + both - apart
//   both   = (g0 + g1 + g2) / 2 (d1 + d2) + (g3 + g4) d4
//   apart  = (g0 - g1 + g2) / 2 (d2 - d1)
// 7 multiply-adds for 10. Each of the four is one sum over (channel, ky); the differences of x are
// made once for all filters. The constants are 1 and 1/2, so rounding grows little.
//
// Everything lies in rows of the same pitch, so that a plane is one run of pairs: the two that fall
// between the rows are margins of the depthwise convolution, and are cleared afterwards. y comes
// out in the two phases that its kernel reads.

#include <vector>

#include "ops/dense_depthwise/paired_kernels.h"
#include "ops/dense_depthwise/row_layout.h"
#include "ops/dense_depthwise/step_plan.h"

namespace secateur {

class PairedConv {
 public:
  // x: the rows the convolution reads; y: those of the depthwise convolution behind it.
  static bool fits(const RowLayout& x, const RowLayout& y);
  PairedConv(const RowLayout& x, const RowLayout& y, const FilterGroups& groups, const Tensor& w,
             Isa isa);

  int64_t packed_numel() const { return channels_ * kPairedArrays * array_; }
  void pack(const float* x, float* to) const;

  // The rows of y of one filter: row_stride() and phase_width() for the depthwise kernel.
  int64_t plane_numel() const { return 2 * phase_; }
  int64_t row_stride() const { return pitch_; }
  int64_t phase_width() const { return phase_; }

  // All filters of a group: planes[filter][plane_numel()], margins included.
  void group(const float* packed, int64_t which, const float* bias, float floor,
             float* planes) const;

 private:
  void pack_row(const float* even, const float* odd, float* to) const;
  void clear_margins(float* plane) const;

  const PairedKernels& kernels_;
  RowLayout x_, y_;
  FilterGroups groups_;
  int64_t channels_;
  int64_t pitch_;  // pairs from one row to the next
  int64_t array_;  // floats of one of the arrays of one channel
  int64_t phase_;  // floats of one phase of one filter
  std::vector<int64_t> rows_;
  std::vector<float> weights_;  // [filter of the step / 3][row][weight][filter]
};

}  // namespace secateur
