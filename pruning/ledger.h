#pragma once
// The record of every pruning decision: one line of JSON each, in the order they were made.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace secateur {

struct LedgerEntry {
  std::string layer;   // block name
  int64_t filter = 0;  // index in the student before any pruning
  int64_t rank = 0;    // 0 has the smallest score of its layer
  double score = 0;
  bool removed = false;
  std::string criterion;  // "readout contribution" or "pointwise variance"
  double threshold = 0;   // the share that must be kept
  // The share kept with this filter and all of smaller rank that went before it removed: before and
  // after this filter's own removal. For a kept filter, what its removal would have left.
  double kept_before = 1;
  double kept_after = 1;
  std::string reason;
};

nlohmann::json to_json(const LedgerEntry& entry);
// One line an entry, sorted keys, a line feed after each.
std::string ledger_text(const std::vector<LedgerEntry>& entries);

}  // namespace secateur
