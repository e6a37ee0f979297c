#pragma once
// Which filters of a layer are drawn as one, and what is lost without them.

#include <vector>

#include "interpretation/circuit_study.h"

namespace secateur {

// Groups, parts and others of a layer (circuit_study.h); `stimulus` is left at 0. `single` holds
// every filter alone, all changes 0 where the response is constant.
CircuitLayer layer_parts(AblationRuns& runs, const Ablation& single, const Circuit& circuit,
                         size_t layer, Observer& observer);

// Sets `stimulus` of all parts.
void set_stimulus_shares(const LayeredResponse& response, const stimuli::Ground& ground,
                         const PreferredStimulus& preferred, std::vector<CircuitLayer>& layers,
                         Observer& observer);

}  // namespace secateur
