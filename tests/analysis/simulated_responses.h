#pragma once
// Neurons whose explainable variance is known because it was chosen, for tests of the estimators.

#include <cmath>
#include <cstdint>
#include <vector>

#include "analysis/responses.h"
#include "tensor/rng.h"

namespace secateur {

inline const double kNotRecorded = std::nan("");

struct SimulatedNeuron {
  std::vector<double> rate;        // noiseless response
  std::vector<double> prediction;  // its squared correlation with the rate is about `explained`
  std::vector<double> trials;      // [images, repeats]
  int64_t repeats = 0;

  NeuronResponses responses() const {
    return {static_cast<int64_t>(rate.size()), repeats, trials, {}, 0};
  }
};

struct SimulatedKind {
  int64_t images = 200;
  int64_t repeats = 5;
  double explained = 0.5;
  double noise = 1.0;          // standard deviation of a repeat (rate has 1); Gaussian kind only
  bool poisson = false;        // rates uniform in [0, 6] (variance 3, noise variance 3 on average)
  int64_t least_repeats = -1;  // when given, images have this many repeats or more, NaN padded
};

inline SimulatedNeuron simulated_neuron(const SimulatedKind& kind, uint64_t seed,
                                        uint64_t index = 0) {
  Rng rng(seed, "test/neuron", index);
  SimulatedNeuron neuron;
  neuron.repeats = kind.repeats;
  for (int64_t i = 0; i < kind.images; ++i) {
    const double rate = kind.poisson ? rng.uniform(0.0, 6.0) : rng.normal();
    const double unit = kind.poisson ? (rate - 3.0) / std::sqrt(3.0) : rate;
    neuron.rate.push_back(rate);
    neuron.prediction.push_back(std::sqrt(kind.explained) * unit +
                                std::sqrt(1.0 - kind.explained) * rng.normal());
    const int64_t recorded =
        kind.least_repeats < 0
            ? kind.repeats
            : kind.least_repeats + rng.below(kind.repeats - kind.least_repeats + 1);
    for (int64_t r = 0; r < kind.repeats; ++r) {
      const double response =
          kind.poisson ? static_cast<double>(rng.poisson(rate)) : rate + kind.noise * rng.normal();
      neuron.trials.push_back(r < recorded ? response : kNotRecorded);
    }
  }
  return neuron;
}

}  // namespace secateur
