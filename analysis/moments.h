#pragma once
// The metrics as functions of sums over images. Every metric needs only a fixed set of numbers per
// image, so a bootstrap resample is one weighted sum over a table instead of a pass over trials.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/metrics.h"

namespace secateur {

// Rows of per-image numbers; a row of zeros for an image without a response, so that neurons of one
// session share the weights of a resample.
class MomentTable {
 public:
  // Throws as evaluate() does.
  MomentTable(std::span<const double> prediction, const NeuronResponses& responses, uint64_t seed);

  int64_t images() const { return images_; }
  int64_t columns() const { return columns_; }

  // sums[s, column] = sum over images of weights[s, image] * table[image, column], images in order;
  // weights [sets, images], sums [sets, columns]. The bits of a set do not depend on the others.
  void weighted_sums(std::span<const double> weights, std::span<double> sums) const;

  // The metrics of the sums of one set; weights count images.
  Metrics metrics(std::span<const double> sums) const;

 private:
  void fill(std::span<const double> prediction, const RecordedImages& recorded, uint64_t seed);
  double median_repeats(std::span<const double> sums) const;
  std::optional<double> reliability(std::span<const double> sums) const;

  int64_t images_ = 0;
  int64_t columns_ = 0;
  std::vector<int64_t> repeat_counts_;  // the different numbers of repeats, ascending
  bool has_repeats_ = false;
  std::vector<double> table_;  // [images, columns]
};

}  // namespace secateur
