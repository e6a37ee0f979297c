#pragma once
// Whether the networks of a run are of the neurons that their names say.

#include "audit/finding.h"
#include "chain/recipe.h"
#include "chain/run_directory.h"
#include "provenance/lineage.h"

namespace secateur {

// By what the networks say of themselves, and by the scale of the labels that each was trained on,
// which is another for every neuron.
Findings check_neurons(const Recipe& recipe, const Lineage& lineage, const RunDirectory& run);

}  // namespace secateur
