#include "pruning/ledger.h"

namespace secateur {

nlohmann::json to_json(const LedgerEntry& entry) {
  nlohmann::json line = {{"layer", entry.layer},
                         {"filter", entry.filter},
                         {"rank", entry.rank},
                         {"score", entry.score},
                         {"decision", entry.removed ? "removed" : "kept"},
                         {"criterion", entry.criterion},
                         {"reason", entry.reason}};
  if (entry.cut) {
    line["cut"] = entry.cut->cut;
    line["cost"] = entry.cut->cost;
    line["parameters_before"] = entry.cut->parameters_before;
    line["parameters_after"] = entry.cut->parameters_after;
  } else {
    line["threshold"] = entry.threshold;
    line["kept_before"] = entry.kept_before;
    line["kept_after"] = entry.kept_after;
  }
  return line;
}

std::string ledger_text(const std::vector<LedgerEntry>& entries) {
  std::string text;
  for (const LedgerEntry& entry : entries) text += to_json(entry).dump() + "\n";
  return text;
}

}  // namespace secateur
