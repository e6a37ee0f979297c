#pragma once
// Did pruning keep what mattered? Asked of simulated neurons, whose circuits are known.

#include <nlohmann/json.hpp>

#include "chain/judgement.h"

namespace secateur {

// The recovery analysis (analysis/recovery.h) of the compact model among `networks`:
// {"parts": [...], "filters_without_part", "sentence"}.
nlohmann::json judge_recovery(const Subject& subject, size_t target,
                              const std::vector<JudgedNetwork>& networks);

}  // namespace secateur
