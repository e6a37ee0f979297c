#pragma once
// Tuning of a simulated neuron by direct computation, without spikes.

#include <span>
#include <vector>

#include "data/simulated/circuit.h"
#include "data/simulated/probes.h"

namespace secateur::simulated {

struct DotTuning {
  double contrast = 0;            // pixel levels: +90 or -90, whichever drives more
  double y = 0, x = 0;            // preferred place, pixels
  std::vector<double> radii;      // 2, 3, .. 22 pixels
  std::vector<double> by_radius;  // rate for one dot at the preferred place
  std::vector<int> numbers;       // 1 .. 10
  std::vector<double> by_number;  // rate for dots of the best radius about the preferred place
};

// The place is searched on a 14 x 14 grid with radii 2, 5 and 9: one radius alone would find no
// place for a neuron that rejects it. A neuron that no dot drives has its receptive-field centre.
DotTuning dot_tuning(const NeuronCircuit& circuit, int size);

struct PreferredProbe {
  Probe probe;
  double rate;  // spikes per 100 ms
};
PreferredProbe preferred_probe(const NeuronCircuit& circuit, int size);  // of probe_bank()

// What a part does to the response over stimuli 0 .. count - 1 of stream `seed`; "without" is the
// circuit with the part removed and nothing else changed.
struct PartShare {
  double mean_change;  // mean of full - without, spikes per 100 ms; has the part's sign
  double missing;      // variance of (full - without) / variance of full: not rescaled, may pass 1
  double unexplained;  // 1 - squared correlation of full and without; 1 if without is constant
};
std::vector<PartShare> part_shares(const NeuronCircuit& circuit, int size, uint64_t seed,
                                   int64_t count);

// Of each of the circuits; every stimulus is drawn once for all of them.
std::vector<std::vector<PartShare>> part_shares(std::span<const NeuronCircuit> circuits, int size,
                                                uint64_t seed, int64_t count);

}  // namespace secateur::simulated
