#pragma once
// Recordings of whole populations whose signal and shared noise are known because they were chosen.

#include <cmath>
#include <limits>
#include <vector>

#include "data/recording.h"
#include "tensor/rng.h"

namespace secateur {

struct SimulatedPopulation {
  int64_t neurons = 20;
  int64_t images = 200;
  int64_t repeats = 4;
  // A response is signal + shared noise + noise of its own:
  std::vector<double> signal;  // [neurons, dimensions], loadings of the image's factors
  std::vector<double> shared;  // [neurons, factors], loadings of the trial's factors
  double own = 1;              // standard deviation
};

// Orthogonal loadings: neuron n has `length` on factor n % factors, else 0.
inline std::vector<double> blocks_of(int64_t neurons, int64_t factors, double length) {
  std::vector<double> loadings(static_cast<size_t>(neurons * factors), 0.0);
  for (int64_t n = 0; n < neurons; ++n) {
    loadings[static_cast<size_t>(n * factors + n % factors)] = length;
  }
  return loadings;
}

inline Recording simulated_population(const SimulatedPopulation& kind, uint64_t seed) {
  Rng rng(seed, "test/population", 0);
  Recording recording;
  recording.session = "simulated";
  recording.neurons = kind.neurons;
  recording.images = kind.images;
  recording.repeats = kind.repeats;
  const auto neurons = static_cast<size_t>(kind.neurons);
  const auto draws = [&](size_t count) {
    std::vector<double> values;
    for (size_t i = 0; i < count; ++i) values.push_back(rng.normal());
    return values;
  };
  const auto dot = [&](const std::vector<double>& loadings, const std::vector<double>& z,
                       size_t n) {
    double sum = 0;
    for (size_t k = 0; k < z.size(); ++k) sum += loadings[n * z.size() + k] * z[k];
    return sum;
  };
  recording.trials.resize(neurons * static_cast<size_t>(kind.images * kind.repeats));
  recording.mean.assign(neurons * static_cast<size_t>(kind.images), 0.0);
  for (int64_t image = 0; image < kind.images; ++image) {
    const std::vector<double> z = draws(kind.signal.size() / neurons);
    for (int64_t repeat = 0; repeat < kind.repeats; ++repeat) {
      const std::vector<double> y = draws(kind.shared.size() / neurons);
      for (size_t n = 0; n < neurons; ++n) {
        const double value =
            5 + dot(kind.signal, z, n) + dot(kind.shared, y, n) + kind.own * rng.normal();
        const int64_t cell = static_cast<int64_t>(n) * kind.images + image;
        recording.trials[static_cast<size_t>(cell * kind.repeats + repeat)] = value;
        recording.mean[static_cast<size_t>(cell)] += value / static_cast<double>(kind.repeats);
      }
    }
  }
  return recording;
}

}  // namespace secateur
