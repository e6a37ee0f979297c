#pragma once
// How the noise ceilings of a session's neurons are distributed.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "analysis/bootstrap.h"
#include "analysis/recording_check.h"

namespace secateur {

struct NoiseCeilings {
  int64_t neurons = 0;
  int64_t with_ceiling = 0;     // the others have no repeats that differ
  int64_t constant = 0;         // the same response to every image
  int64_t images_repeated = 0;  // with at least 2 repeats, the most of any neuron
  int64_t low_snr = 0;          // below kLeastSnr; they count in what follows
  // 0, 1/4, 1/2, 3/4 and 1 quantiles over neurons: of the ceiling (of raw r2, metrics.h), and of
  // the split-half reliability. Empty without any.
  std::optional<std::array<double, 5>> ceiling;
  std::optional<Interval> median_interval;  // of the ceiling, over draws of neurons
  std::optional<std::array<double, 5>> reliability;
};

NoiseCeilings noise_ceilings(std::span<const NeuronQuality> neurons, uint64_t seed,
                             const BootstrapOptions& options = {});

}  // namespace secateur
