#pragma once
// Filters that were not planted, to compare those that were with, and the rates of circuits over
// images.

#include <vector>

#include "data/image_source.h"
#include "data/simulated/circuit.h"
#include "data/simulated/truth.h"
#include "tensor/rng.h"

namespace secateur {

inline constexpr double kResembles = 0.7;
inline constexpr int64_t kFoils = 100;

// Random filters of the kinds that circuits are made of, with the side and colours of `part`, none
// of which resembles a planted one (|cosine| above kResembles): at least one, and kFoils unless
// nearly everything resembles the circuit. Throws Error(kBadInput) when everything does.
std::vector<simulated::FilterSpec> foil_filters(
    const simulated::FilterSpec& part, const std::vector<simulated::PlantedFilter>& planted,
    Rng rng);

// Rates [circuit][image] of circuits of the images' size.
std::vector<std::vector<double>> rates_of(const std::vector<simulated::NeuronCircuit>& circuits,
                                          const ImageSource& images);

}  // namespace secateur
