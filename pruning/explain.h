#pragma once
// A ledger as a text to learn from: what was measured, in which order filters went, and where the
// line was drawn.

#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/ledger.h"
#include "pruning/replay.h"

namespace secateur {

// Every number is one that the decision was made with, as the ledger keeps it; `plan` is what
// plan_replay() made of the same ledger, perhaps with filters put back.
std::string explain(const Architecture& student, const std::vector<LedgerEntry>& ledger,
                    const ReplayPlan& plan);

}  // namespace secateur
