#pragma once
// Whether a run is what it says: its files against lineage.json, its inputs, the chain of its
// stages, its recipe, and parts of it made again.

#include <functional>
#include <string>

#include "audit/finding.h"
#include "chain/observer.h"
#include "chain/recipe.h"
#include "chain/run_directory.h"

namespace secateur {

struct AuditOptions {
  std::string stage;    // make this stage again; empty: any
  std::string neuron;   // name or label; empty: any
  int64_t segment = 0;  // of the stage, from 1; 0: all of them
  int64_t sample = 0;   // make so many segments again, drawn with `seed` from those asked for
  uint64_t seed = 1;
  bool all = false;  // make the whole run again instead
};

// `recipe`: the run's own, with its files where they are now. `places`: the same with the places
// that the auditor vouches for and no other; where that leaves none out, parts can be made again.
// `report` gets each finding as it is made. Writes only below `scratch`. Throws Error(kBadInput)
// when the run has no lineage.json, Error(kUsage) when nothing fits the options or a place is
// wanted that nobody vouches for, Stopped.
Findings audit(const Recipe& recipe, const Recipe& places, const RunDirectory& run,
               const AuditOptions& options, const std::filesystem::path& scratch,
               const std::function<void(const Finding&)>& report, ChainObserver& observer);

// The checks that make nothing again. Of the files outside the run only those in `places` are read.
Findings check_record(const Recipe& recipe, const Recipe& places, const RunDirectory& run);

}  // namespace secateur
