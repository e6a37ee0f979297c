#include "analysis/metrics.h"

#include <vector>

#include "analysis/moments.h"

namespace secateur {

Metrics evaluate(std::span<const double> prediction, const NeuronResponses& responses,
                 uint64_t seed) {
  const MomentTable table(prediction, responses, seed);
  const std::vector<double> once(static_cast<size_t>(table.images()), 1.0);
  std::vector<double> sums(static_cast<size_t>(table.columns()));
  table.weighted_sums(once, sums);
  return table.metrics(sums);
}

Metrics evaluate(std::span<const float> prediction, const NeuronResponses& responses,
                 uint64_t seed) {
  const std::vector<double> wide(prediction.begin(), prediction.end());
  return evaluate(wide, responses, seed);
}

}  // namespace secateur
