#include "tests/apps/forging.h"

#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

}  // namespace

json read_statement(const fs::path& run) {
  return json::parse(read_file(run / "lineage.json", kCap));
}
void write_statement(const fs::path& run, const json& statement) {
  write_file_atomically(run / "lineage.json", statement.dump(1) + "\n");
}

std::string ledger_part(const fs::path& run, const std::string& label) {
  std::string lines;
  const std::string text = read_file(run / "ledger.jsonl", kCap);
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end + 1 - begin);
    if (json::parse(line)["neuron"] == label) lines += line;
  }
  return lines;
}

void make_digests_agree(const fs::path& run) {
  json statement = read_statement(run);
  const auto renew = [&](json& files) {
    for (json& file : files) {
      const std::string name = file["name"];
      constexpr std::string_view kLedger = "ledger.jsonl:";
      if (name.starts_with(kLedger)) {
        file["digest"]["sha256"] = sha256_of(ledger_part(run, name.substr(kLedger.size())));
      } else if (fs::exists(run / name)) {
        file["digest"]["sha256"] = sha256_of_file(run / name);
      }
    }
  };
  renew(statement["subject"]);
  for (json& stage : statement["predicate"]["stages"]) {
    renew(stage["reads"]);
    renew(stage["makes"]);
  }
  write_statement(run, statement);
}

}  // namespace secateur
