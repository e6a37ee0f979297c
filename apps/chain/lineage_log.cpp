#include "apps/chain/lineage_log.h"

#include <algorithm>

#include "apps/chain/input_files.h"
#include "apps/chain/ledger_file.h"
#include "apps/machine.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInput = "input:";
constexpr std::string_view kLedgerPart = "ledger.jsonl:";

void set_heading(const Recipe& recipe, Lineage& lineage) {
  lineage.recipe = settings_without_places(recipe);
  const nlohmann::json machine = describe_machine();
  lineage.code = {{"version", machine.at("secateur")}, {"revision", machine.at("revision")}};
  lineage.promises = promises_about_bits();
}

}  // namespace

void begin_lineage(const RunDirectory& run, const Recipe& recipe, bool chosen) {
  const fs::path file = run.file("lineage.json");
  if (!fs::exists(file)) {
    Lineage lineage;
    set_heading(recipe, lineage);
    write_lineage(file, lineage);
    return;
  }
  const Reproducibility begun = promised(read_lineage(file).promises);
  if (!chosen) set_reproducibility(begun);
  if (begun != reproducibility()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} was begun with --reproducible {}: go on with that",
                            run.root().string(), reproducibility_name(begun)));
  }
}

std::string ledger_part(const std::string& label) { return std::string(kLedgerPart) + label; }

std::string digest_in_run(const fs::path& root, const std::string& name) {
  if (name.starts_with(kLedgerPart)) {
    const std::string lines = ledger_lines(root, name.substr(kLedgerPart.size()));
    return lines.empty() ? "" : sha256_of(lines);
  }
  return fs::is_regular_file(root / name) ? sha256_of_file(root / name) : "";
}

LineageLog::LineageLog(const RunDirectory& run, const Recipe& recipe, const Subject& subject)
    : run_(run) {
  for (const ManifestFile& file : input_files(recipe, subject)) {
    inputs_[std::string(kInput) + file.name] = file.path;
  }
  if (fs::exists(run.file("lineage.json"))) lineage_ = read_lineage(run.file("lineage.json"));
  set_heading(recipe, lineage_);
}

void LineageLog::add(const std::string& name, std::vector<FileDigest>& to) {
  if (name == "input:*") {
    for (const auto& [input, path] : inputs_) add(input, to);
    return;
  }
  if (name.starts_with(kInput)) {
    const auto input = inputs_.find(name);
    if (input == inputs_.end()) return;
    std::string& digest = known_[name];
    if (digest.empty()) digest = sha256_of_file(input->second);
    to.push_back({name, digest});
    return;
  }
  if (name.ends_with('*')) {
    const std::string prefix = name.substr(0, name.size() - 1);
    for (const ManifestFile& file :
         files_below(run_.file(fs::path(prefix).parent_path().string()), run_.root())) {
      if (file.name.starts_with(prefix)) add(file.name, to);
    }
    return;
  }
  const std::string digest = digest_in_run(run_.root(), name);
  if (!digest.empty()) to.push_back({name, digest});
}

std::vector<FileDigest> LineageLog::digests(const std::vector<std::string>& names) {
  std::vector<FileDigest> files;
  for (const std::string& name : names) add(name, files);
  return files;
}

void LineageLog::stage(const std::string& name, const std::string& neuron,
                       const std::vector<std::string>& reads,
                       const std::vector<std::string>& makes) {
  put_stage(lineage_, {.stage = name,
                       .neuron = neuron,
                       .reads = digests(reads),
                       .makes = digests(makes),
                       .machine = describe_machine()});
  write_lineage(run_.file("lineage.json"), lineage_);
}

void LineageLog::finish(const std::vector<std::string>& subject) {
  lineage_.subject = digests(subject);
  write_lineage(run_.file("lineage.json"), lineage_);
}

}  // namespace secateur
