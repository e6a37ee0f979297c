#include "analysis/noise_ceilings.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/resampling.h"
#include "tensor/statistics.h"

namespace secateur {
namespace {

std::optional<std::array<double, 5>> quartiles_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  std::array<double, 5> quartiles{};
  for (size_t i = 0; i < quartiles.size(); ++i) {
    quartiles[i] = quantile_of(values, static_cast<double>(i) / 4);
  }
  return quartiles;
}

double median_of_drawn(const std::vector<double>& values, std::span<const double> weights) {
  std::vector<double> drawn;
  for (size_t i = 0; i < values.size(); ++i) {
    drawn.insert(drawn.end(), static_cast<size_t>(weights[i]), values[i]);
  }
  return median_of(drawn);
}

}  // namespace

NoiseCeilings noise_ceilings(std::span<const NeuronQuality> neurons, uint64_t seed,
                             const BootstrapOptions& options) {
  NoiseCeilings found;
  std::vector<double> ceilings, reliabilities;
  for (const NeuronQuality& neuron : neurons) {
    found.neurons += 1;
    found.constant += neuron.constant;
    found.images_repeated = std::max(found.images_repeated, neuron.images_repeated);
    found.low_snr += neuron.snr && *neuron.snr < kLeastSnr;
    if (neuron.noise_ceiling) ceilings.push_back(*neuron.noise_ceiling);
    if (neuron.reliability) reliabilities.push_back(*neuron.reliability);
  }
  found.with_ceiling = static_cast<int64_t>(ceilings.size());
  found.ceiling = quartiles_of(ceilings);
  found.reliability = quartiles_of(reliabilities);
  found.median_interval = resampled_interval(
      found.with_ceiling, seed,
      [&](std::span<const double> weights) { return median_of_drawn(ceilings, weights); }, options);
  return found;
}

}  // namespace secateur
