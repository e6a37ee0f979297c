#include "pruning/ledger.h"

namespace secateur {

nlohmann::json to_json(const LedgerEntry& entry) {
  return {{"layer", entry.layer},
          {"filter", entry.filter},
          {"rank", entry.rank},
          {"score", entry.score},
          {"decision", entry.removed ? "removed" : "kept"},
          {"criterion", entry.criterion},
          {"threshold", entry.threshold},
          {"kept_before", entry.kept_before},
          {"kept_after", entry.kept_after},
          {"reason", entry.reason}};
}

std::string ledger_text(const std::vector<LedgerEntry>& entries) {
  std::string text;
  for (const LedgerEntry& entry : entries) text += to_json(entry).dump() + "\n";
  return text;
}

}  // namespace secateur
