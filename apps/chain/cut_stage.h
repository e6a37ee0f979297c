#pragma once
// Pruning by the response criterion: cut, tune, and again, until the recipe's number of parameters.

#include "apps/chain/stages.h"

namespace secateur {

// Reads the student of the target and leaves models/<label>_pruned.safetensors, whose metadata
// holds the table "cuts": one object {cut, filters, parameters, images, r2_validation} for each.
// After every cut and its tuning the whole state is kept in checkpoints/, and the tuning keeps its
// own, so a run that was stopped goes on bit for bit. Throws Interrupted.
Model cut_stage(const StageContext& context, size_t target);

}  // namespace secateur
