// The checks of an audit that make nothing again.

#include <algorithm>
#include <map>

#include "audit/audit.h"
#include "chain/input_files.h"
#include "chain/ledger_file.h"
#include "chain/lineage_log.h"
#include "chain/settings.h"
#include "model_files/model_files.h"
#include "pruning/replay.h"
#include "tensor/error.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Finding check_recipe_of(const Recipe& recipe, const Lineage& lineage) {
  std::vector<std::string> changed = changed_settings(recipe, lineage);
  if (changed.empty()) {
    return {.what = "recipe",
            .details = fmt::format("{} settings", settings_without_places(recipe).size())};
  }
  for (std::string& sentence : changed) sentence = "config.toml: " + sentence;
  return {.what = "recipe", .same = false, .details = fmt::format("{}", fmt::join(changed, "; "))};
}

// Every file the run made, with the digest it was last made with and who made it.
struct Made {
  std::string sha256;
  std::string stage;
};

std::map<std::string, Made> files_made(const Lineage& lineage) {
  std::map<std::string, Made> made;
  for (const FileDigest& file : lineage.subject) made[file.name] = {file.sha256, "the run"};
  for (const StageRecord& stage : lineage.stages) {
    const std::string who =
        stage.neuron.empty() ? stage.stage : stage.stage + " of " + stage.neuron;
    for (const FileDigest& file : stage.makes) made[file.name] = {file.sha256, who};
  }
  return made;
}

Findings check_files(const Lineage& lineage, const fs::path& root) {
  Findings findings;
  const auto made = files_made(lineage);
  for (const auto& [name, record] : made) {
    std::string now;
    try {
      now = digest_in_run(root, name);
    } catch (const Error& error) {
      findings.push_back({.what = "files", .same = false, .details = error.what()});
      continue;
    }
    if (now == record.sha256) continue;
    const std::string sentence =
        now.empty() ? fmt::format("{} is missing, {} made it", name, record.stage)
                    : fmt::format("{} is not what {} made: its SHA-256 is {}, not {}", name,
                                  record.stage, now, record.sha256);
    findings.push_back({.what = "files", .same = false, .details = sentence});
  }
  if (findings.empty()) {
    findings.push_back({.what = "files", .details = fmt::format("{} as recorded", made.size())});
  }
  return findings;
}

Findings check_inputs(const Recipe& recipe, const Lineage& lineage) {
  std::map<std::string, fs::path> now;
  std::string trouble;
  try {
    for (const ManifestFile& file : input_files(recipe, make_subject(recipe))) {
      now["input:" + file.name] = file.path;
    }
  } catch (const Error& error) {
    trouble = error.what();
  }
  std::map<std::string, std::string> read;
  for (const StageRecord& stage : lineage.stages) {
    for (const FileDigest& file : stage.reads) {
      if (file.name.starts_with("input:")) read[file.name] = file.sha256;
    }
  }
  Findings findings;
  int64_t absent = 0;
  for (const auto& [name, sha256] : read) {
    const auto file = now.find(name);
    if (file == now.end()) {
      ++absent;
      continue;
    }
    const std::string digest = sha256_of_file(file->second);
    if (digest == sha256) continue;
    findings.push_back(
        {.what = "inputs",
         .same = false,
         .details = fmt::format("{} is not the {} that the run read: its SHA-256 is {}, not {}",
                                file->second.string(), name.substr(6), digest, sha256)});
  }
  if (!findings.empty()) return findings;
  std::string details = fmt::format("{} as recorded", read.size() - static_cast<size_t>(absent));
  if (absent > 0) details += fmt::format(", {} not here and so not checked", absent);
  if (!trouble.empty()) details += " (" + trouble + ")";
  return {{.what = "inputs", .details = details}};
}

bool same_tensors(const Model& a, const Model& b) {
  const auto left = a.tensors();
  const auto right = b.tensors();
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && same_bits(x.second, y.second);
                    });
}

// The decisions about one neuron, taken once more from the ledger alone. Between cuts the network
// is tuned, so that there only the filters can be compared.
void check_decisions(const NeuronLedger& neuron, const RunDirectory& run) {
  const auto model = [&](const char* stage) {
    return read_model(run.model(fmt::format("{}_{}.safetensors", neuron.neuron, stage)));
  };
  const Model student = model("student");
  const Model pruned = model("pruned");
  const std::string file = run.file("ledger.jsonl").string();
  const ReplayPlan plan = plan_replay(student, neuron.entries, file);
  const Model again = replay(student, plan);
  const bool same =
      plan.cuts ? filter_counts(again.architecture()) == filter_counts(pruned.architecture())
                : same_tensors(again, pruned);
  require(same, "audit", "{}: its decisions about {} do not lead to the pruned network", file,
          neuron.neuron);
}

Findings check_ledger(const RunDirectory& run, const Lineage& lineage) {
  const bool decided = std::any_of(lineage.stages.begin(), lineage.stages.end(), [](const auto& s) {
    return std::any_of(s.makes.begin(), s.makes.end(),
                       [](const FileDigest& file) { return !ledger_label(file.name).empty(); });
  });
  if (!decided) return {{.what = "ledger", .details = "no stage of this run decided anything"}};
  size_t decisions = 0;
  try {
    for (const NeuronLedger& neuron : read_ledger(run.file("ledger.jsonl"))) {
      check_decisions(neuron, run);
      decisions += neuron.entries.size();
    }
  } catch (const Error& error) {
    return {{.what = "ledger", .same = false, .details = error.what()}};
  }
  return {{.what = "ledger",
           .details = fmt::format(
               "{} decisions, which lead from the students to the pruned networks", decisions)}};
}

Findings check_links(const Lineage& lineage) {
  Findings findings;
  for (const std::string& sentence : broken_links(lineage)) {
    findings.push_back({.what = "stages", .same = false, .details = sentence});
  }
  if (findings.empty()) {
    findings.push_back(
        {.what = "stages",
         .details = fmt::format("{}, each read what those before it made", lineage.stages.size())});
  }
  return findings;
}

}  // namespace

Findings check_record(const Recipe& recipe, const RunDirectory& run) {
  const fs::path file = run.file("lineage.json");
  if (!fs::exists(file)) {
    fail(ErrorKind::kBadInput, "audit", "{} has no lineage.json: the run was never finished",
         run.root().string());
  }
  const Lineage lineage = read_lineage(file);
  Findings all{check_recipe_of(recipe, lineage)};
  for (const Findings& some : {check_files(lineage, run.root()), check_inputs(recipe, lineage),
                               check_links(lineage), check_ledger(run, lineage)}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace secateur
