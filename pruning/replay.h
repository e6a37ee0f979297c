#pragma once
// The pruned model again, from the student and its ledger; and filters put back.
//
// A removal only leaves out numbers: no weight, bias or statistic of what stays is changed, and
// what a removed filter gave to the response is not made up for. So the student with the ledger's
// filters left out IS the pruned model of the variance criterion, bit for bit. Between the cuts of
// the response criterion the network is tuned, which no ledger holds: there the replayed model has
// the structure of the pruned one and the values of the student.

#include <string>
#include <vector>

#include "models/model.h"
#include "pruning/ledger.h"

namespace secateur {

// A filter by its layer and its number in the student before any pruning.
struct FilterName {
  std::string layer;
  int64_t filter = 0;
  friend bool operator==(const FilterName&, const FilterName&) = default;
};

// Of "layer3/17"; throws Error(kUsage) for anything else.
FilterName filter_name_of(const std::string& text);
std::string text_of(const FilterName& name);

struct ReplayPlan {
  std::vector<std::vector<int64_t>> kept;  // by layer, ascending numbers in the student
  std::vector<FilterName> removed;         // in the order of the ledger, without what was put back
  std::vector<FilterName> restored;        // in the order in which they were put back
  bool cuts = false;                       // a ledger of cuts: same structure, not the same values
  StudentIdentity::Kind identified = StudentIdentity::Kind::kNone;  // what the student agrees with
};

// What the ledger of one neuron leaves of the student. Throws Error(kBadInput), naming `file`, for
// a ledger of another student (its identity, or, when it names none, filters or parameters that do
// not add up), of unknown layers or filters, that decides a filter twice,
// contradicts its own threshold or ranks, or leaves a layer less than `floor` filters, at least 1;
// Error unless the student can be pruned.
ReplayPlan plan_replay(const Model& student, const std::vector<LedgerEntry>& ledger,
                       const std::string& file, int64_t floor = 1);

// Puts a removed filter back. Throws Error(kUsage) for one that was not removed.
void restore(ReplayPlan& plan, const Architecture& student, const FilterName& name);

// The student with only the kept filters. Its metadata are those that a run gives its pruned model,
// so that the file of a variance run comes out the same; "replay" is added, with what was restored,
// where the result differs from that model.
Model replay(const Model& student, const ReplayPlan& plan);

}  // namespace secateur
