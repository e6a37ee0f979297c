#pragma once
// Whether the files outside a run are those that it read, and its list of them is true.

#include "audit/finding.h"
#include "chain/recipe.h"
#include "chain/run_directory.h"
#include "provenance/lineage.h"

namespace secateur {

// Of the files outside the run only those in `places` are read. A place that is named there and
// lacks what the run read from it differs; the other places are compared all the same.
// inputs.sha256 is held against the lineage, and, where every file is there, against the list made
// anew of them. Throws Error(kBadInput) when the list or a file cannot be read.
Findings check_inputs(const Recipe& places, const Lineage& lineage, const RunDirectory& run);

}  // namespace secateur
