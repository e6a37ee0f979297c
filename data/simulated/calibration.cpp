#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "data/simulated/neurons.h"
#include "tensor/error.h"

namespace secateur::simulated {
namespace {

constexpr uint64_t kCalibrationSeed = 190923;
constexpr int64_t kCalibrationStimuli = 512;
// With Poisson counts of mean 3 this puts the signal-to-noise ratio of a trial at about 0.7.
constexpr double kSpread = 1.6;

}  // namespace

void calibrate(std::vector<NeuronCircuit>& circuits, int size, double spread) {
  for (NeuronCircuit& circuit : circuits) {
    circuit.baseline = 0;
    circuit.gain = 1;
  }
  const std::vector<double> table =
      stimulus_rates(circuits, kCalibrationSeed, 0, kCalibrationStimuli, size);
  for (size_t n = 0; n < circuits.size(); ++n) {
    const double* row = table.data() + n * kCalibrationStimuli;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < kCalibrationStimuli; ++i) sum += row[i];
    const double mean = sum / kCalibrationStimuli;
    for (int64_t i = 0; i < kCalibrationStimuli; ++i) {
      squares += (row[i] - mean) * (row[i] - mean);
    }
    const double deviation = std::sqrt(squares / kCalibrationStimuli);
    require(mean > 0 && deviation > 0, "neurons",
            "wanted a circuit that responds to some stimuli, got {}, which responds to none",
            circuits[n].name);
    circuits[n].gain = std::min(spread / deviation, kMeanRate / mean);
    circuits[n].baseline = std::max(0.0, kMeanRate - circuits[n].gain * mean);
  }
}

std::vector<NeuronCircuit> default_population(int size) {
  static std::mutex mutex;
  static std::map<int, std::vector<NeuronCircuit>> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(size);
  if (found != known.end()) return found->second;
  std::vector<NeuronCircuit> circuits = uncalibrated_population(size);
  calibrate(circuits, size, kSpread);
  return known[size] = circuits;
}

}  // namespace secateur::simulated
