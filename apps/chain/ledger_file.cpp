#include "apps/chain/ledger_file.h"

#include "formats/atomic_file.h"
#include "formats/input_file.h"

namespace secateur {
namespace {

constexpr int64_t kLedgerCap = int64_t{1} << 30;

}  // namespace

void write_ledger(const RunDirectory& run, const NeuronTarget& target,
                  const std::vector<LedgerEntry>& entries) {
  const std::filesystem::path path = run.file("ledger.jsonl");
  std::string text;
  if (std::filesystem::exists(path)) {
    const std::string before = read_file(path, kLedgerCap);
    for (size_t begin = 0; begin < before.size();) {
      const size_t end = std::min(before.find('\n', begin), before.size() - 1) + 1;
      const std::string line = before.substr(begin, end - begin);
      if (nlohmann::json::parse(line).at("neuron") != target.label) text += line;
      begin = end;
    }
  }
  for (const LedgerEntry& entry : entries) {
    nlohmann::json line = to_json(entry);
    line["neuron"] = target.label;
    text += line.dump() + "\n";
  }
  write_file_atomically(path, text);
}

std::vector<NeuronLedger> read_ledger(const std::filesystem::path& path) {
  return parse_ledger(read_file(path, kLedgerCap), path.string());
}

}  // namespace secateur
