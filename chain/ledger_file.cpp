#include "chain/ledger_file.h"

#include <algorithm>

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tensor/json_field.h"
#include "tensor/json_text.h"

namespace secateur {
namespace {

constexpr int64_t kLedgerCap = int64_t{1} << 28;

// Calls body(line with its line feed, whose neuron it is about) for every line of the ledger.
template <class Body>
void for_each_line(const std::filesystem::path& run, const Body& body) {
  const std::filesystem::path path = run / "ledger.jsonl";
  if (!std::filesystem::exists(path)) return;
  const std::string text = read_file(path, kLedgerCap);
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string line = text.substr(begin, end - begin);
    const std::string source = fmt::format("{}: line {}", path.string(), ++number);
    const std::string_view text_of_line(line.data(), line.size() - line.ends_with('\n'));
    const nlohmann::json parsed = parse_json(text_of_line, source);
    body(line, JsonField(parsed, "ledger", source).at("neuron").name());
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
