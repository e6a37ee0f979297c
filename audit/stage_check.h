#pragma once
// A lineage against the table of stages: whether it has every stage of such a run, each with all
// that it reads and makes, and nothing else.

#include "audit/finding.h"
#include "chain/run_directory.h"
#include "chain/subject.h"
#include "provenance/lineage.h"

namespace secateur {

// The neurons that the run is about: those that the recipe names, or, where it takes all of a
// session, as many as the lineage names.
std::vector<NeuronTarget> neurons_of(const Recipe& recipe, const Lineage& lineage);

Findings check_stages(const Recipe& recipe, const Lineage& lineage);

// Files that stages leave, such as models, of which the lineage knows nothing; and those that no
// lineage is about, such as the report.
Findings check_strays(const Lineage& lineage, const RunDirectory& run);

}  // namespace secateur
