#pragma once
// Everything that a run kept about one neuron's network, from its first values to the compact file.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chain/stage.h"
#include "compression/balance.h"
#include "compression/compact_model.h"
#include "pruning/ledger.h"
#include "pruning/student_identity.h"
#include "trace/origin.h"

namespace secateur {

// The network at one moment.
struct KeptState {
  const Stage* stage = nullptr;
  int64_t at = 0;  // units of the stage done
  std::map<std::string, Tensor> tensors;
  KeptFilters kept;
};

// What a stage made of the network.
struct StageNetwork {
  const Stage* stage = nullptr;
  Model model;
  KeptFilters kept;
};

struct RunHistory {
  Recipe recipe;
  std::string label;  // "201025_neuron2"
  CompactModel compact;
  Model decoded;  // what the compact file gives
  Model folded;   // the last network without batch norms
  // What was quantised: that network with its features scaled, and by what. In runs of earlier
  // versions that network itself, and nothing.
  Model quantised;
  std::optional<Balance> scales;
  // In the order of the run, without the compact file: student, pruned, retrained.
  std::vector<StageNetwork> networks;
  std::vector<LedgerEntry> ledger;
  std::vector<KeptState> states;                                    // in the order of the run
  StudentIdentity::Kind identified = StudentIdentity::Kind::kNone;  // how the ledger names it
  Origin origin;

  const Model& student() const { return networks.front().model; }
  const Model& last() const { return networks.back().model; }
  const KeptFilters& kept() const { return networks.back().kept; }  // of the compact network too
};

// Of the neuron called `label` in a run with this recipe. `start`: where the file that the student
// began from lies now; empty: it is not opened. Throws Error(kBadInput) for a file that is damaged,
// Error(kVerification) when the files of the run contradict one another.
RunHistory read_history(const RunDirectory& run, const Recipe& recipe, const std::string& label,
                        const std::filesystem::path& start = {});

// Of a file RUN/models/LABEL_compact.secateur; throws Error(kUsage) when it lies in no run.
std::string label_of_compact(const std::filesystem::path& compact);

}  // namespace secateur
