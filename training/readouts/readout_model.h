#pragma once
// A readout behind the layers that it was fitted on, as one model that predicts, is evaluated or
// teaches.

#include "models/model.h"
#include "training/readouts/readouts.h"

namespace secateur {

// The first `blocks` blocks of the model, for a hidden layer a pointwise block more, and a dense
// readout. `readout` is that of the plain maps (on_plain_maps) behind these blocks. Throws
// Error(kBadInput) for one of other maps.
Model model_with_readout(const Model& core, size_t blocks, const FittedReadout& readout);

}  // namespace secateur
