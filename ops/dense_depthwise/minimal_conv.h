#pragma once
// A convolution five columns wide in front of a depthwise one of stride 2, by minimal filtering
// (ops/minimal_filtering/minimal_filter.h): 8 multiply-adds where the plain sum has 20.
//
// Everything lies in rows of the same pitch, so that a plane is one run of fours: the one that
// falls between two rows is a margin of the depthwise convolution, and is cleared afterwards. y
// comes out in the two phases that its kernel reads.

#include <vector>

#include "ops/dense_depthwise/step_plan.h"
#include "ops/minimal_filtering/minimal_kernels.h"

namespace secateur {

class MinimalConv {
 public:
  // dense: the convolution; depthwise: the one behind it.
  static bool fits(const ConvGeometry& dense, const ConvGeometry& depthwise);
  MinimalConv(const ConvGeometry& dense, const ConvGeometry& depthwise, const FilterGroups& groups,
              const Tensor& w, Isa isa);

  // One channel of x, ready for group(): rows [first, end) of its padded plane.
  int64_t packed_numel() const { return kMinimalPoints * array_; }
  void pack(const float* channel, int64_t first, int64_t end, float* to) const;

  // The rows of y of one filter: row_stride() and phase_width() for the depthwise kernel.
  int64_t plane_numel() const { return 2 * phase_; }
  int64_t row_stride() const { return 2 * image_.pitch(); }
  int64_t phase_width() const { return phase_; }

  // packed: all channels. All filters of a group: planes[filter][plane_numel()], margins included.
  void group(const float* packed, int64_t which, const float* bias, float floor,
             float* planes) const;

 private:
  void clear_margins(float* plane) const;

  const MinimalKernels& kernels_;
  MinimalRows image_;
  ConvGeometry depthwise_;
  FilterGroups groups_;
  int64_t array_;  // floats of one point of one channel
  int64_t phase_;  // floats of one phase of one filter
  std::vector<int64_t> rows_, v_at_, y_at_;
  std::vector<float> u_;  // [group][row][point][filter]
};

}  // namespace secateur
