#pragma once
// Any order: what a criterion is worth is what it gains over this.

#include "prunebench/criterion.h"

namespace secateur {

// Uniform in [0, 1), filter by filter from the stream (seed, "prunebench/random", layer).
FilterScores random_scores(const CriterionInput& input);

}  // namespace secateur
