#pragma once
// A model some of whose filters are switched off.

#include <vector>

#include "models/model.h"

namespace secateur {

// Of each block, of each of its filters, whether it is on.
using FiltersOn = std::vector<std::vector<uint8_t>>;

// Whether filters of the block can be switched off: not those of a residual block, which gives on
// what it was given.
bool can_switch(const Block& block);

// The model, its batch norms folded, in which a filter that is off gives 0 everywhere: the weights
// that make it, and its bias, are 0. Responses are those with the filter's signal set to 0
// (interpretation/layered_response.h). Throws Error(kUsage) for lists of another size, and for a
// filter that cannot be switched off. mask_filters() of pruning/removal.h is for chains that are
// pruned, where a filter stays in every layer.
Model without_filters(const Model& folded, const FiltersOn& on);

}  // namespace secateur
