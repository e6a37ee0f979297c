#pragma once
// From weights to codes: a uniform quantiser per group of coefficients, whose rounding weighs the
// error in the response against the bits.

#include <span>

#include "compression/compact_model.h"

namespace secateur {

// No code is this many steps away from its coefficient or further, whatever its bits would cost: so
// who has the coefficients can check the codes.
inline constexpr double kFarthestCode = 2.0;

// How one tensor is to be quantised. The steps are those of CompactTensor.
struct TensorPlan {
  Transform transform = Transform::kNone;
  std::vector<int> filter_step;
  std::vector<int> band_step;
  std::vector<int> channel_step;
};

struct Rounding {
  // Error in the response caused by an error e of coefficient i: importance[i] e^2. Empty: plain
  // rounding to the nearest code.
  std::span<const double> importance;
  // What one bit is worth in the same unit.
  double rate_weight = 0.0;
};

// What choosing codes by bits as well as by error changed against rounding to the nearest code.
struct RoundingTrace {
  int64_t moved = 0;        // coefficients that got another code than the nearest
  int64_t zeroed = 0;       // of these: to zero
  double bits_saved = 0.0;  // estimated, over those moved
  double loss_added = 0.0;  // sum of importance * error^2, over those moved
};

// The codes of `weights`. Where a coefficient would need more than kMostBits (see largest_code),
// the step of its filter, band or channel, whichever costs the response least, is raised by half
// octaves until it fits. Throws Error(kBadInput) when the plan does not fit the tensor or the
// weights are beyond any step. `trace`, when given, is filled in.
CompactTensor quantise(const ParameterSpec& spec, const Tensor& weights, const TensorPlan& plan,
                       int global_step, const Rounding& rounding, RoundingTrace* trace = nullptr);

// Plain rounding of a whole model, one plan for each of its tensors. Throws Error(kBadInput) unless
// every batch norm has been folded.
CompactModel quantise(const Model& folded, std::span<const TensorPlan> plans, int global_step);

// Bits that codes take with an adaptive coder per band, estimated from how often each size occurs.
double estimated_bits(std::span<const int32_t> codes, const TensorLayout& layout,
                      Transform transform);

}  // namespace secateur
