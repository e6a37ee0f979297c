#pragma once
// A step made ready: weights in the order of the kernels, and where everything lies.

#include <vector>

#include "ops/dense_depthwise/dense_depthwise.h"
#include "ops/dense_depthwise/dense_depthwise_kernels.h"
#include "ops/padded_plane/plane_layout.h"

namespace secateur {

// Filters that are computed together, as even as can be; an even number of groups, so that two
// threads share one sample fairly.
struct FilterGroups {
  explicit FilterGroups(int64_t filters);
  int64_t begin(int64_t i) const { return i * filters / count; }
  int64_t size(int64_t i) const { return begin(i + 1) - begin(i); }
  int64_t largest() const { return (filters + count - 1) / count; }
  int64_t filters, count;
};

// So many tasks are all threads of a small machine, with even shares.
constexpr int64_t kPackParts = 4;

class MinimalConv;

struct DenseDepthwise::Plan {
  Plan(const Shape& x, const Tensor& w, const Tensor& b, const Tensor& v,
       const DenseDepthwiseOptions& options, Isa isa);

  int64_t z_plane() const { return rows.g.out_height() * rows.g.out_width(); }
  int64_t y_plane() const { return y_shape[1] * y_shape[2]; }
  // Of one channel of x in rows, where `packed`.
  int64_t packed_numel() const;
  // Room for the planes z of one group.
  int64_t scratch_numel() const;

  // A part of the rows of all channels of the sample x, of kPackParts; only where `packed`.
  void pack(const float* x, int64_t part, float* to) const;
  // Before a scratch is used by the groups of this step.
  void clear_margins(float* scratch) const;
  // x: of one sample, packed where it is to be.
  void group(const float* x, int64_t which, float* scratch, float* y) const;
  // All groups of one sample, which is not packed yet.
  void one(const float* x, float* y) const;

  Shape x_shape, y_shape;
  const DenseDepthwiseKernels& kernels;
  PlaneLayout rows;    // of x
  PlaneLayout planes;  // of z
  bool packed;         // x is copied into rows first
  FilterGroups groups;
  Tensor weights, bias, v;
  float floor;
  std::vector<int64_t> taps, x_offset, y_offset;
  Store store = Store::kTogether;
  std::shared_ptr<const MinimalConv> minimal;  // where it fits
  int64_t parts;                               // into which one sample is cut: 1, or the groups

 private:
  // z of one group, as `store` says; y of one filter from the rows of its z.
  void dense(const float* x, int64_t which, float* to) const;
  void depthwise(int64_t filter, const float* plane, float* y) const;
  void place_taps();
  void place_outputs();
  Store store_of_rows() const;
};

}  // namespace secateur
