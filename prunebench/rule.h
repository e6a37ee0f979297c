#pragma once
// The method's rule (pruning/variance/prune.h) brought to a wanted size.
//
// The rule has a threshold, the share that each layer must keep, and no order over all layers. Of a
// size is the network of the largest threshold that leaves at most so many parameters. What the
// rule measures on images does not depend on the threshold when the deepest layer comes first, so
// it is measured once and asked for many thresholds. What stays is what prune() keeps at that
// threshold (tests/prunebench/rule_test.cpp).

#include <cstdint>
#include <vector>

#include "prunebench/selection.h"
#include "pruning/variance/criteria.h"

namespace secateur {

class RuleMeasurements {
 public:
  // `labels`: the teacher's responses to the images. Throws Error as prune() does.
  RuleMeasurements(const Model& model, const ImageVisitor& images,
                   const std::vector<double>& labels);

  // What prune() keeps at a threshold, deepest layer first.
  KeptFilters at(double threshold, int64_t floor) const;

  struct Found {
    double threshold = 0;
    KeptFilters kept;
  };
  // The largest threshold, to kThresholdStep, that leaves at most `parameters`; where none does,
  // the smallest there is.
  Found of_size(int64_t parameters, int64_t floor) const;

 private:
  const Architecture architecture_;
  const std::vector<double> labels_;
  Contributions last_;
  std::vector<FilterCovariance> inner_;       // by layer
  std::vector<std::vector<double>> weights_;  // pointwise weights that read it, [readers, filters]
};

// Thresholds are tried at multiples of this, from 1 of them up to 1.
inline constexpr double kThresholdStep = 1.0 / 4096;

}  // namespace secateur
