#pragma once
// Did pruning keep what mattered? Asked of simulated neurons, whose circuits are known.

#include <nlohmann/json.hpp>

#include "apps/chain/evaluate_stage.h"

namespace secateur {

// The recovery analysis (analysis/recovery.h) of the compact model among `models`:
// {"parts": [...], "filters_without_part", "sentence"}.
nlohmann::json judge_recovery(const Subject& subject, size_t target,
                              const std::vector<StageModel>& models);

}  // namespace secateur
