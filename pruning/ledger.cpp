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

LedgerEntry ledger_entry_of(const nlohmann::json& line) {
  LedgerEntry entry{.layer = line.at("layer").get<std::string>(),
                    .filter = line.at("filter").get<int64_t>(),
                    .rank = line.at("rank").get<int64_t>(),
                    .score = line.at("score").get<double>(),
                    .removed = line.at("decision") == "removed",
                    .criterion = line.at("criterion").get<std::string>(),
                    .reason = line.at("reason").get<std::string>()};
  if (line.contains("cut")) {
    entry.cut = {.cut = line.at("cut").get<int64_t>(),
                 .cost = line.at("cost").get<int64_t>(),
                 .parameters_before = line.at("parameters_before").get<int64_t>(),
                 .parameters_after = line.at("parameters_after").get<int64_t>()};
  } else {
    entry.threshold = line.at("threshold").get<double>();
    entry.kept_before = line.at("kept_before").get<double>();
    entry.kept_after = line.at("kept_after").get<double>();
  }
  return entry;
}

std::string ledger_text(const std::vector<LedgerEntry>& entries) {
  std::string text;
  for (const LedgerEntry& entry : entries) text += to_json(entry).dump() + "\n";
  return text;
}

}  // namespace secateur
