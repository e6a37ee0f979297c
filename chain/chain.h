#pragma once
// The whole chain: teacher -> student -> prune -> retrain -> compress -> evaluate, for every neuron
// that the recipe names.

#include <nlohmann/json.hpp>
#include <string>

#include "chain/observer.h"
#include "chain/run_directory.h"

namespace secateur {

// The recipe of a new run: checked, and its budget turned into numbers of images by a measurement
// of this machine. Of a run that is to end with the stage "teacher" all of the budget is the
// teacher's, and the numbers of later stages stay the recipe's. Throws Error(kUsage) for what
// cannot be.
Recipe resolve(const Recipe& recipe, ChainObserver& observer, const std::string& last = "evaluate");

// Does what is left of the stages in `run`, in the order of stage_table(), up to and with the one
// called `last`: a new run or one that was stopped, begun with the same recipe, which is a resolved
// one. Leaves what the stages make, config.toml, the lineage and the timings. Throws Stopped, from
// which the same call goes on to the same bytes; Error(kUsage) for a name that no stage has, and
// for settings or a mode of reproducibility that the run was not begun with; and what stages throw.
void run_stages(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer,
                const std::string& last = "evaluate");

// All stages. Returns results.json, with the minutes of each neuron in the rows of summary.neurons.
nlohmann::json run_chain(const RunDirectory& run, const Recipe& recipe, ChainObserver& observer);

}  // namespace secateur
