#include "pruning/ledger.h"

#include <algorithm>
#include <map>

#include "tensor/error.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr size_t kLongestLine = size_t{1} << 14;
constexpr int64_t kMostLines = int64_t{1} << 20;
constexpr JsonCaps kLineCaps{.depth = 8, .values = 256};
constexpr std::string_view kWhere = "pruning";

json to_json(const NextInLine& next) {
  return {{"layer", next.layer},
          {"filter", next.filter},
          {"rank", next.rank},
          {"score", next.score},
          {"cost", next.cost}};
}

NextInLine next_in_line_of(const JsonField& line) {
  return {.layer = line.at("layer").name(),
          .filter = line.at("filter").whole(),
          .rank = line.at("rank").whole(),
          .score = line.at("score").number(),
          .cost = line.at("cost").whole()};
}

bool removed_in(const JsonField& line) {
  const std::string decision = line.at("decision").text();
  if (decision != "removed" && decision != "kept")
    line.at("decision").refuse("'removed' or 'kept'");
  return decision == "removed";
}

}  // namespace

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
    if (entry.cut->next) line["next"] = to_json(*entry.cut->next);
  } else {
    line["threshold"] = entry.threshold;
    line["kept_before"] = entry.kept_before;
    line["kept_after"] = entry.kept_after;
  }
  add_identity(line, entry.student);
  return line;
}

LedgerEntry ledger_entry_of(const JsonField& line) {
  LedgerEntry entry{.layer = line.at("layer").name(),
                    .filter = line.at("filter").whole(),
                    .rank = line.at("rank").whole(),
                    .score = line.at("score").number(),
                    .removed = removed_in(line),
                    .criterion = line.at("criterion").name(),
                    .reason = line.at("reason").text(),
                    .student = identity_in(line)};
  if (line.has("cut")) {
    entry.cut = {.cut = line.at("cut").whole(),
                 .cost = line.at("cost").whole(),
                 .parameters_before = line.at("parameters_before").whole(),
                 .parameters_after = line.at("parameters_after").whole()};
    if (line.has("next")) entry.cut->next = next_in_line_of(line.at("next"));
  } else {
    entry.threshold = line.at("threshold").number();
    entry.kept_before = line.at("kept_before").number();
    entry.kept_after = line.at("kept_after").number();
  }
  return entry;
}

std::string ledger_text(const std::vector<LedgerEntry>& entries) {
  std::string text;
  for (const LedgerEntry& entry : entries) text += to_json(entry).dump() + "\n";
  return text;
}

std::vector<NeuronLedger> parse_ledger(std::string_view text, const std::string& file) {
  std::vector<NeuronLedger> neurons;
  std::map<std::string, size_t> places;  // of the neurons, by name
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string source = fmt::format("{}: line {}", file, number);
    const size_t length = std::min(text.find('\n'), text.size());
    require(length <= kLongestLine, kWhere, "{} is longer than {} bytes", source, kLongestLine);
    require(number <= kMostLines, kWhere, "{} has more than {} lines", file, kMostLines);
    const json parsed = parse_json(text.substr(0, length), source, kLineCaps);
    text.remove_prefix(std::min(length + 1, text.size()));
    const JsonField line(parsed, kWhere, source);
    const std::string neuron = line.has("neuron") ? line.at("neuron").name() : "";
    const auto [place, is_new] = places.emplace(neuron, neurons.size());
    if (is_new) neurons.push_back({.neuron = neuron, .entries = {}});
    neurons[place->second].entries.push_back(ledger_entry_of(line));
  }
  require(!neurons.empty(), kWhere, "{} holds no pruning decision", file);
  return neurons;
}

}  // namespace secateur
