#include "chain/ledger_file.h"

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int64_t kLedgerCap = int64_t{1} << 30;

// Calls body(line with its line feed, whose neuron it is about) for every line of the ledger.
template <class Body>
void for_each_line(const std::filesystem::path& run, const Body& body) {
  const std::filesystem::path path = run / "ledger.jsonl";
  if (!std::filesystem::exists(path)) return;
  const std::string text = read_file(path, kLedgerCap);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string line = text.substr(begin, end - begin);
    std::string neuron;
    try {
      neuron = nlohmann::json::parse(line).at("neuron").get<std::string>();
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorKind::kBadInput,
                  fmt::format("{} is damaged: {}", path.string(), error.what()));
    }
    body(line, neuron);
    begin = end;
  }
}

}  // namespace

void write_ledger(const RunDirectory& run, const NeuronTarget& target,
                  const std::vector<LedgerEntry>& entries) {
  std::string text;
  for_each_line(run.root(), [&](const std::string& line, const std::string& neuron) {
    if (neuron != target.label) text += line;
  });
  for (const LedgerEntry& entry : entries) {
    nlohmann::json line = to_json(entry);
    line["neuron"] = target.label;
    text += line.dump() + "\n";
  }
  write_file_atomically(run.file("ledger.jsonl"), text);
}

std::string ledger_lines(const std::filesystem::path& run, const std::string& label) {
  std::string lines;
  for_each_line(run, [&](const std::string& line, const std::string& neuron) {
    if (neuron == label) lines += line;
  });
  return lines;
}

std::vector<NeuronLedger> read_ledger(const std::filesystem::path& path) {
  return parse_ledger(read_file(path, kLedgerCap), path.string());
}

}  // namespace secateur
