#pragma once
// A core that all neurons of a run share: one network with an output for each, trained once, from
// which every student starts.

#include "apps/chain/stages.h"

namespace secateur {

// models/core.safetensors of the run, trained when it is not there yet: the recipe's core.filters
// with a factorised readout, output k for target k. Throws Interrupted.
Model core_stage(const StageContext& context);

}  // namespace secateur
