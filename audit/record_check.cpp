// The checks of an audit that make nothing again.

#include <algorithm>
#include <map>
#include <set>

#include "audit/audit.h"
#include "audit/input_check.h"
#include "audit/neuron_check.h"
#include "audit/stage_check.h"
#include "chain/ledger_file.h"
#include "chain/lineage_log.h"
#include "chain/machine.h"
#include "chain/settings.h"
#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "model_files/model_files.h"
#include "models/difference.h"
#include "pruning/replay.h"
#include "tensor/error.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// run.* says how a run is made, not what it makes.
Findings check_recipe_of(const Recipe& recipe, const Lineage& lineage) {
  std::vector<std::string> changed = changed_settings(recipe, lineage);
  for (std::string& sentence : changed) sentence = "config.toml: " + sentence;
  if (!changed.empty()) {
    return {{"recipe", FindingState::kDiffers, fmt::format("{}", fmt::join(changed, "; "))}};
  }
  const json known = settings_without_places(recipe);
  std::vector<std::string> unknown;
  for (const auto& [key, value] : lineage.recipe.items()) {
    if (!known.contains(key)) unknown.push_back(printable(key));
  }
  int64_t compared = 0;
  for (const auto& [key, value] : known.items()) compared += key.starts_with("run.") ? 0 : 1;
  Findings findings = {
      {"recipe", FindingState::kSame, fmt::format("{} settings, without run.*", compared)}};
  if (!unknown.empty()) {
    findings.push_back({"recipe", FindingState::kNotChecked,
                        fmt::format("the record has settings that this program does not know: {}",
                                    some_of(unknown))});
  }
  return findings;
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// A revision that another program made cannot be looked into from here; that the record agrees with
// itself about it can.
Finding check_code(const Lineage& lineage) {
  const std::string named = text_in(lineage.code, "revision");
  const std::string here = text_in(machine_description(), "revision");
  std::set<std::string> made_by;
  for (const StageRecord& stage : lineage.stages) {
    made_by.insert(text_in(stage.machine, "revision"));
  }
  if (!made_by.empty() && !made_by.contains(named)) {
    return {"code", FindingState::kDiffers,
            fmt::format("the record names the revision {}, its stages were made by {}",
                        printable(named), printable(*made_by.begin()))};
  }
  made_by.insert(named);
  if (made_by.size() == 1 && named == here && !named.empty()) {
    const std::string version = text_in(lineage.code, "version");
    if (version != SECATEUR_VERSION) {
      return {"code", FindingState::kDiffers,
              fmt::format("the record says version {}, its revision is that of {}",
                          printable(version), SECATEUR_VERSION)};
    }
    if (lineage.promises != promises_about_bits(promised(lineage.promises))) {
      return {"code", FindingState::kDiffers,
              "the record promises about bits what its revision does not"};
    }
    return {"code", FindingState::kSame, fmt::format("revision {}, this program's", named)};
  }
  made_by.erase(here);
  return {"code", FindingState::kNotChecked,
          fmt::format("the record says revision {}, this program is {}",
                      printable(*made_by.begin()), here)};
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
    for (const FileDigest& file : stage.makes) made[file.name] = {file.sha256, name_of(stage)};
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
      findings.push_back({"files", FindingState::kDiffers, error.what()});
      continue;
    }
    if (now == record.sha256) continue;
    const std::string sentence =
        now.empty() ? fmt::format("{} is missing, {} made it", name, record.stage)
                    : fmt::format("{} is not what {} made: its SHA-256 is {}, not {}", name,
                                  record.stage, now, record.sha256);
    findings.push_back({"files", FindingState::kDiffers, sentence});
  }
  if (findings.empty()) {
    findings.push_back({"files", FindingState::kSame, fmt::format("{} as recorded", made.size())});
  }
  return findings;
}

// The decisions about one neuron, taken once more from the ledger alone. Between cuts the network
// is tuned, so that there only the architectures can be compared.
void check_decisions(const Recipe& recipe, const NeuronLedger& neuron, const RunDirectory& run) {
  const auto model = [&](const char* stage) {
    return read_model(run.model(fmt::format("{}_{}.safetensors", neuron.neuron, stage)));
  };
  const Model student = model("student");
  const Model pruned = model("pruned");
  const std::string file = run.file("ledger.jsonl").string();
  const ReplayPlan plan = plan_replay(student, neuron.entries, file);
  require(plan.cuts == (recipe.prune.criterion == "response"), "audit",
          "{}: it judges the filters of {} by another criterion than prune.criterion={}", file,
          neuron.neuron, recipe.prune.criterion);
  for (const LedgerEntry& entry : neuron.entries) {
    require(plan.cuts || entry.threshold == recipe.prune.threshold, "audit",
            "{}: {}/{} of {} was held to a threshold of {}, prune.threshold is {}", file,
            entry.layer, entry.filter, neuron.neuron, entry.threshold, recipe.prune.threshold);
  }
  const Model again = replay(student, plan);
  const bool same = plan.cuts ? again.architecture() == pruned.architecture()
                              : difference_of(again, pruned).none();
  require(same, "audit", "{}: its decisions about {} do not lead to the pruned network", file,
          neuron.neuron);
}

Findings check_ledger(const Recipe& recipe, const RunDirectory& run, const Lineage& lineage) {
  const bool decided = std::any_of(lineage.stages.begin(), lineage.stages.end(), [](const auto& s) {
    return std::any_of(s.makes.begin(), s.makes.end(),
                       [](const FileDigest& file) { return !ledger_label(file.name).empty(); });
  });
  if (!decided) {
    return {{"ledger", FindingState::kSame, "no stage of this run decided anything"}};
  }
  size_t decisions = 0;
  try {
    std::set<std::string> known;
    for (const NeuronTarget& neuron : neurons_of(recipe, lineage)) known.insert(neuron.label);
    for (const NeuronLedger& neuron : read_ledger(run.file("ledger.jsonl"))) {
      require(known.contains(neuron.neuron), "audit", "{}: {} is no neuron of the run",
              run.file("ledger.jsonl").string(), printable(neuron.neuron));
      check_decisions(recipe, neuron, run);
      decisions += neuron.entries.size();
    }
  } catch (const Error& error) {
    return {{"ledger", FindingState::kDiffers, error.what()}};
  }
  return {
      {"ledger", FindingState::kSame,
       fmt::format("{} decisions by prune.criterion={}, which lead from the students to the pruned "
                   "networks",
                   decisions, recipe.prune.criterion)}};
}

// What a damaged or strange file makes impossible is a difference as well.
template <class Check>
Findings told(const char* what, const Check& check) {
  try {
    return check();
  } catch (const Error& error) {
    return {{what, FindingState::kDiffers, error.what()}};
  }
}

}  // namespace

Findings check_record(const Recipe& recipe, const Recipe& places, const RunDirectory& run) {
  const fs::path file = run.file("lineage.json");
  if (!fs::exists(file)) {
    fail(ErrorKind::kBadInput, "audit", "{} has no lineage.json: no stage of it has begun",
         run.root().string());
  }
  const Lineage lineage = read_lineage(file);
  Findings all = check_recipe_of(recipe, lineage);
  all.push_back(check_code(lineage));
  for (const Findings& some : {told("stages", [&] { return check_stages(recipe, lineage); }),
                               check_files(lineage, run.root()), check_strays(lineage, run),
                               told("inputs", [&] { return check_inputs(places, lineage, run); }),
                               told("neurons", [&] { return check_neurons(recipe, lineage, run); }),
                               check_ledger(recipe, run, lineage)}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace secateur
