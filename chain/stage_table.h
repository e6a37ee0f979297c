#pragma once
// All stages of the chain, in the order of a run.

#include <string>
#include <vector>

#include "chain/stage.h"

namespace secateur {

const std::vector<Stage>& stage_table();

// Throws Error(kUsage) for a name that no stage has, naming those that there are.
const Stage& stage_named(const std::string& name);

// A stage of a run, and the neuron it is done for.
struct StageTurn {
  const Stage* stage = nullptr;
  size_t target = 0;  // of a neuron's stage: an index into subject.targets
};

// Every turn of a run with this recipe, in their order, up to the last of the stage called `last`:
// the stages that a group of neighbours in the table share, neuron by neuron. Throws Error(kUsage)
// like stage_named().
std::vector<StageTurn> turns_of(const Recipe& recipe, size_t targets,
                                const std::string& last = "evaluate");

// The stages that make a network of one neuron.
std::vector<const Stage*> network_stages();

// What results.json judges for every neuron, by its key there: the teacher, the network of each
// stage, and the published model, where there is one.
std::vector<std::string> judged_networks();

}  // namespace secateur
