#pragma once
// Pruning in small cuts by the response criterion. Tuning between the cuts is the caller's.

#include <vector>

#include "models/model.h"
#include "pruning/ledger.h"
#include "pruning/response/response_criterion.h"

namespace secateur {

// Where a sequence of cuts stands: everything that the next one needs.
struct CutState {
  explicit CutState(const Model& uncut);

  Model model;
  int64_t cuts = 0;
  std::vector<std::vector<int64_t>> kept;  // by layer: numbers in the student before any cut
  std::vector<LedgerEntry> ledger;         // a line for every removal, in the order they were made
  StudentIdentity student;                 // before any cut
};

// The state without its model, and the state again. Throws Error(kBadInput) for JSON that is none
// or belongs to another model.
nlohmann::json to_json(const CutState& state);
CutState cut_state_of(const Model& model, const JsonField& json);

struct CutOutcome {
  int64_t removed = 0;  // 0: the target is reached, or every layer is at its floor
  int64_t parameters = 0;
  double rebuilt_against_masked = 0;
};

// Measures every filter, removes the cheapest losses and verifies the rebuilt network (rebuild.h).
// The observer is asked before every batch and hears of the images seen; a call that is stopped
// leaves the state as it was.
CutOutcome cut_once(CutState& state, const ImageVisitor& images, const CutOptions& options,
                    Observer& observer);

}  // namespace secateur
