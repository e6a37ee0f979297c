#pragma once
// ledger.jsonl of a run: the pruning decisions of all its neurons.

#include "chain/run_directory.h"
#include "chain/subject.h"
#include "pruning/ledger.h"

namespace secateur {

// Rewrites the run's ledger with the lines of this neuron replaced.
void write_ledger(const RunDirectory& run, const NeuronTarget& target,
                  const std::vector<LedgerEntry>& entries);

// The ledger of a run, or any other. Throws Error(kBadInput) that names it for a file that is none.
std::vector<NeuronLedger> read_ledger(const std::filesystem::path& path);

// The lines of one neuron, as they stand; empty without such a file. Throws Error(kBadInput) when
// the file is no ledger.
std::string ledger_lines(const std::filesystem::path& run, const std::string& label);

}  // namespace secateur
