#pragma once
// What is true of a simulated neuron, in writing: for truth.json and for the recovery analysis.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "data/simulated/circuit.h"

namespace secateur::simulated {

// A filter as a model working on (pixel - channel mean) would have to grow it.
struct PlantedFilter {
  std::string label;
  int sign;         // +1 raises the rate, -1 lowers it
  bool both_signs;  // the part is rectified on both sides, so -patch is as good as patch
  Tensor patch;     // [3, side, side], length 1
};
std::vector<PlantedFilter> planted_filters(const NeuronCircuit& circuit);

struct TruthOptions {
  uint64_t seed = 1;       // of the stimuli over which the parts' shares are computed
  int64_t stimuli = 1000;  // how many
};

// {"size", "pixel_scale", "channel_mean", "stimuli", "neurons"}, and of each neuron: name,
// constants, receptive_field, parts (filter, rectifier, role, weight, sign, offset, place,
// mean_change, variance_missing, variance_unexplained), dot_tuning, preferred. Lengths in pixels,
// angles in degrees, rates in spikes per 100 ms.
nlohmann::json truth(std::span<const NeuronCircuit> circuits, int size,
                     const TruthOptions& options = {});

}  // namespace secateur::simulated
