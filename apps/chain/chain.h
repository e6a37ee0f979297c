#pragma once
// The whole chain: teacher -> student -> prune -> retrain -> compress -> evaluate, for every neuron
// that the recipe names.

#include <nlohmann/json.hpp>

#include "apps/chain/run_directory.h"

namespace secateur {

enum class LastStage { kTeacher, kStudent, kPruned, kEvaluated };

// Does what is left of `run` up to a stage, for the verbs that stop there: files below models/.
void run_until(const RunDirectory& run, LastStage last);

// Runs what is left to do in `run`, whose config.toml holds the resolved recipe, and writes
// results.json, run.json and report.html. Throws Interrupted (stages.h) after saving its state.
// The result is results.json, and in the rows of summary.neurons the minutes that each one took.
nlohmann::json run_chain(const RunDirectory& run);

// The resolved recipe of a new run: checked, its budget turned into numbers of images.
Recipe resolve(const Recipe& recipe);

}  // namespace secateur
