#pragma once
// The verbs of `secateur interpret`, one source each.

#include "apps/verbs/verbs.h"

namespace secateur {

void add_interpret_gradient(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_stimulus(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_field(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_tuning(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_ablate(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_patch(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_circuit(CLI::App& interpret, CommonOptions& common, Action& action);
void add_interpret_compare(CLI::App& interpret, CommonOptions& common, Action& action);

}  // namespace secateur
