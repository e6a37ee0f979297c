#pragma once
// The record of every pruning decision: one line of JSON each, in the order they were made.
// replay.h makes the pruned model from it again.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pruning/student_identity.h"
#include "tensor/json_field.h"

namespace secateur {

// The filter that would have been next to go when a cut ended: the first that stayed, those of
// layers at their floor apart.
struct NextInLine {
  std::string layer;
  int64_t filter = 0;  // index in the student before any pruning
  int64_t rank = 0;
  double score = 0;
  int64_t cost = 0;
};

// What a cut by the response criterion (response_criterion.h) adds to an entry, in the place of a
// threshold and shares.
struct CutRecord {
  int64_t cut = 0;   // 1 is the first
  int64_t cost = 0;  // parameters that leave with the filter, given the counts before the cut
  int64_t parameters_before = 0;  // of the whole network, before and after this filter's removal
  int64_t parameters_after = 0;
  std::optional<NextInLine> next;  // with the last removal of a cut only
};

// What a ledger says of its criterion and its reasons, in these words and no others.
inline constexpr auto kReadoutContribution = "readout contribution";
inline constexpr auto kPointwiseVariance = "pointwise variance";
inline constexpr auto kResponseVariance = "response variance";
inline constexpr auto kEnoughIsLeft = "what is left stays at the threshold or above";
inline constexpr auto kTooLittleIsLeft = "its removal would fall below the threshold";
inline constexpr auto kAtFloor = "the layer is at its floor";
inline constexpr auto kAboveCut = "ranks above the cut";
inline constexpr auto kLeastOfCut = "among the least score per parameter of its cut";

struct LedgerEntry {
  std::string layer;   // block name
  int64_t filter = 0;  // index in the student before any pruning
  // 0 has the smallest score of its layer; in a cut, the smallest score per parameter of all layers
  int64_t rank = 0;
  double score = 0;
  bool removed = false;
  std::string criterion;
  double threshold = 0;  // the share that must be kept
  // The share kept with this filter and all of smaller rank that went before it removed: before and
  // after this filter's own removal. For a kept filter, what its removal would have left.
  double kept_before = 1;
  double kept_after = 1;
  std::string reason;
  std::optional<CutRecord> cut;
  StudentIdentity student;  // before any pruning
};

nlohmann::json to_json(const LedgerEntry& entry);
// The inverse; throws Error(kBadInput) that names the field for anything else.
LedgerEntry ledger_entry_of(const JsonField& line);
// One line an entry, sorted keys, a line feed after each.
std::string ledger_text(const std::vector<LedgerEntry>& entries);

// What a ledger says of one neuron, in its order.
struct NeuronLedger {
  std::string neuron;  // as the lines name it; empty when they do not
  std::vector<LedgerEntry> entries;
};

// The neurons of a ledger, in the order in which they first appear; a line may carry its "neuron".
// Throws Error(kBadInput) that names `file` and the line for anything but such a text.
std::vector<NeuronLedger> parse_ledger(std::string_view text, const std::string& file);

}  // namespace secateur
