#pragma once
// Pruning in cuts: the filters that cost the response least go, the network is tuned, and again.

#include "chain/stage.h"
#include "pruning/image_visitor.h"

namespace secateur {

// The pruned network and its lines of the ledger. Throws Stopped, with every cut done so far kept.
void prune_in_cuts(const StageContext& context);

// A state behind a cut (Stage::read_state).
KeptNetwork read_cut_state(const std::filesystem::path& file);

// The images in batches, as the session's models read them.
ImageVisitor visitor_of(const StageContext& context, const ImageSourcePtr& images);

}  // namespace secateur
