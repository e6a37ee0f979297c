#pragma once
// Everything that a run kept about one neuron's network, from its first values to the compact file.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/chain/run_directory.h"
#include "compression/compact_model.h"
#include "pruning/ledger.h"

namespace secateur {

// Original filter numbers (in the student) that a network has, by block, ascending.
using KeptFilters = std::vector<std::vector<int64_t>>;

// The network at one moment.
struct KeptState {
  std::string phase;  // "distill", "cuts", "retrain"
  int64_t at = 0;     // steps or cuts done
  std::map<std::string, Tensor> tensors;
  KeptFilters kept;
};

struct RunHistory {
  Recipe recipe;
  std::string label;  // "201025_neuron2"
  CompactModel compact;
  Model decoded;    // what the compact file gives
  Model folded;     // the retrained network without batch norms, which was quantised
  Model retrained;  // and before: the same network with them
  Model pruned;
  Model student;
  KeptFilters kept;  // of the pruned, the retrained and the compact network
  std::vector<LedgerEntry> ledger;
  std::vector<KeptState> states;  // in the order of the run
  // Where the student's first values come from: "drawn", "start FILE", "core".
  std::string origin;
};

// `compact` is a file RUN/models/LABEL_compact.secateur. Throws Error(kUsage) when it lies in no
// run, Error(kBadInput) when the files of the run contradict one another.
RunHistory read_history(const std::filesystem::path& compact);

}  // namespace secateur
