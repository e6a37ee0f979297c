#pragma once
// The inner loops of dense_depthwise. Compiled for AVX2 and for AVX-512, with the same bits.

#include <cstdint>

#include "ops/vector/isa.h"

namespace secateur {

constexpr int64_t kFiltersAtOnce = 6;  // that share a vector of x
constexpr int64_t kStrip = 4;          // rows of a depthwise kernel that share a vector
constexpr int64_t kQuarters = 4;       // of a vector of 16 outputs

// How a vector of 16 neighbouring outputs is stored.
enum class Store {
  kTogether,  // one after the other
  kFours,     // four times four neighbours
  kPhases,    // of 8 neighbours the even ones, the odd ones; of the next 8 likewise
};

struct DenseCall {
  const float* x;
  const int64_t* x_offset;  // of the window of the first output, per vector of outputs
  int64_t vectors;
  int64_t width;       // outputs per vector: 16, or less where a row is shorter
  const int64_t* tap;  // offset from a window
  int64_t taps;
  const float* w;     // [tap][filter]
  const float* bias;  // per filter
  float floor;        // outputs are at least this
  Store store;
  float* y;
  const int64_t* y_offset;  // per vector, or per quarter of it
  int64_t y_plane;          // floats from one filter to the next
};

struct DepthwiseCall {
  const float* x;  // a PlaneLayout
  int64_t row_stride, phase_width;
  int64_t stride, kernel_h, kernel_w;
  const float* w;  // [kernel_h, kernel_w]
  float* y;        // [rows, width]
  int64_t rows, width;
};

struct DenseDepthwiseKernels {
  // At most kFiltersAtOnce filters.
  void (*dense)(const DenseCall& call, int64_t filters);
  void (*depthwise)(const DepthwiseCall& call);
};

const DenseDepthwiseKernels& dense_depthwise_kernels(Isa isa);

}  // namespace secateur
