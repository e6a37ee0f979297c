#include "data/simulated/spikes.h"

#include <fmt/format.h>

#include <cmath>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur::simulated {
namespace {

constexpr uint64_t kWordsPerTrial = 1u << 20;  // far more than a count can use

}  // namespace

int draw_repeats(uint64_t seed, int64_t stimulus, int least, int most) {
  require(least >= 1 && most >= least, "spikes", "wanted 1 <= least <= most repeats, got {} and {}",
          least, most);
  Rng rng(seed, "simulation/repeats", static_cast<uint64_t>(stimulus));
  return least + static_cast<int>(rng.below(most - least + 1));
}

double trial_gain(uint64_t seed, int64_t stimulus, int repeat, double gain_noise) {
  require(gain_noise >= 0 && std::isfinite(gain_noise), "spikes",
          "wanted gain noise of at least 0, got {}", gain_noise);
  Rng rng(seed, "simulation/gain", static_cast<uint64_t>(stimulus));
  rng.seek(static_cast<uint64_t>(repeat) * 4);  // a normal draw takes four words
  const double variance = std::log1p(gain_noise * gain_noise);
  return std::exp(std::sqrt(variance) * rng.normal() - 0.5 * variance);
}

double spike_count(uint64_t seed, int64_t neuron, int64_t stimulus, int repeat, double rate,
                   double gain) {
  Rng rng(seed, fmt::format("simulation/neuron/{}", neuron), static_cast<uint64_t>(stimulus));
  rng.seek(static_cast<uint64_t>(repeat) * kWordsPerTrial);
  return static_cast<double>(rng.poisson(rate * gain));
}

double trial_variance(double rate, double gain_noise) {
  return rate + rate * rate * gain_noise * gain_noise;
}

}  // namespace secateur::simulated
