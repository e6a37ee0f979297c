#pragma once
// What ablation does to two things besides the response itself: how well recordings are predicted,
// and how selective a tuning curve is.

#include <cstdint>
#include <optional>
#include <span>

#include "analysis/bootstrap.h"

namespace secateur {

// Raw r2 (analysis/metrics.h) with recorded responses. Images without one (NaN) are left out.
struct RecordedLoss {
  double r2_before = 0;
  double r2_after = 0;
  int64_t images = 0;
  std::optional<Interval> difference;  // of r2_after - r2_before, both of the same resampled images
};

// All of the same images in the same order; the recorded ones are means over repeats. Throws
// Error(kBadInput) for lists of different lengths, or fewer than 2 recorded responses.
RecordedLoss recorded_loss(std::span<const double> recorded, std::span<const double> intact,
                           std::span<const double> ablated, uint64_t seed,
                           const BootstrapOptions& options = {});

// How much selectivity a tuning curve loses: 1 - cov(ablated, intact) / var(intact) over its
// points. 0 for the same curve, moved up or down or not; 1 for a flat one, or one of another shape
// altogether; above 1 when it is turned over, below 0 when it is steeper. Throws Error(kBadInput)
// for lists of different lengths, and when the intact curve is flat.
double tuning_loss(std::span<const double> intact, std::span<const double> ablated);

}  // namespace secateur
