#include "pruning/ledger.h"

#include <algorithm>

#include "tensor/error.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr size_t kLongestLine = size_t{1} << 14;

// Without a "[where]": parse_ledger() puts file and line in front.
[[noreturn]] void refuse(const std::string& sentence) {
  throw Error(ErrorKind::kBadInput, sentence);
}

// A number with a fraction or an exponent would be cut off, or be beyond every int64_t.
int64_t whole_number(const json& line, const char* key) {
  if (!line.at(key).is_number_integer()) {
    refuse(fmt::format("wanted a whole number for {}, got {}", key, line.at(key).dump()));
  }
  return line.at(key).get<int64_t>();
}

json to_json(const NextInLine& next) {
  return {{"layer", next.layer},
          {"filter", next.filter},
          {"rank", next.rank},
          {"score", next.score},
          {"cost", next.cost}};
}

NextInLine next_in_line_of(const json& line) {
  return {.layer = line.at("layer").get<std::string>(),
          .filter = whole_number(line, "filter"),
          .rank = whole_number(line, "rank"),
          .score = line.at("score").get<double>(),
          .cost = whole_number(line, "cost")};
}

bool removed_in(const json& line) {
  const std::string decision = line.at("decision").get<std::string>();
  if (decision != "removed" && decision != "kept") {
    refuse(fmt::format("wanted the decision removed or kept, got '{}'", decision));
  }
  return decision == "removed";
}

void add_line(const std::string& text, std::vector<NeuronLedger>& neurons) {
  const json line = json::parse(text);
  const std::string neuron = line.value("neuron", "");
  auto found = std::find_if(neurons.begin(), neurons.end(),
                            [&](const NeuronLedger& one) { return one.neuron == neuron; });
  if (found == neurons.end()) found = neurons.insert(found, {.neuron = neuron, .entries = {}});
  found->entries.push_back(ledger_entry_of(line));
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

LedgerEntry ledger_entry_of(const nlohmann::json& line) {
  LedgerEntry entry{.layer = line.at("layer").get<std::string>(),
                    .filter = whole_number(line, "filter"),
                    .rank = whole_number(line, "rank"),
                    .score = line.at("score").get<double>(),
                    .removed = removed_in(line),
                    .criterion = line.at("criterion").get<std::string>(),
                    .reason = line.at("reason").get<std::string>(),
                    .student = identity_in(line)};
  if (line.contains("cut")) {
    entry.cut = {.cut = whole_number(line, "cut"),
                 .cost = whole_number(line, "cost"),
                 .parameters_before = whole_number(line, "parameters_before"),
                 .parameters_after = whole_number(line, "parameters_after")};
    if (line.contains("next")) entry.cut->next = next_in_line_of(line.at("next"));
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

std::vector<NeuronLedger> parse_ledger(std::string_view text, const std::string& file) {
  std::vector<NeuronLedger> neurons;
  int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t length = std::min(text.find('\n'), text.size());
    require(length <= kLongestLine, "pruning", "{}: line {} is longer than {} bytes", file, number,
            kLongestLine);
    const std::string line(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    try {
      add_line(line, neurons);
    } catch (const json::exception& error) {
      fail(ErrorKind::kBadInput, "pruning", "{}: line {} is no pruning decision: {}", file, number,
           error.what());
    } catch (const Error& error) {
      fail(ErrorKind::kBadInput, "pruning", "{}: line {}: {}", file, number, error.what());
    }
  }
  require(!neurons.empty(), "pruning", "{} holds no pruning decision", file);
  return neurons;
}

}  // namespace secateur
