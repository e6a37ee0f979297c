#include "audit/stage_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "chain/lineage_log.h"
#include "chain/sizes.h"
#include "chain/stage_table.h"
#include "provenance/manifest.h"
#include "tensor/error.h"

namespace secateur {
namespace {

using Names = std::set<std::string>;

// Several stages write to these, none alone makes them.
const Names shared_files = {"ledger.jsonl", "metrics.jsonl", "metrics.csv"};

Names names_of(const std::vector<FileDigest>& files) {
  Names names;
  for (const FileDigest& file : files) names.insert(file.name);
  return names;
}

Names inputs_of(const Lineage& lineage) {
  Names inputs;
  for (const StageRecord& record : lineage.stages) {
    for (const FileDigest& file : record.reads) {
      if (file.name.starts_with(kInputPrefix)) inputs.insert(file.name);
    }
  }
  return inputs;
}

// What the recipe cannot do without from outside, by its names' beginnings.
Names inputs_wanted(const Recipe& recipe) {
  const auto begins = [](const std::string& role) {
    return std::string(kInputPrefix) + role + "/";
  };
  Names wanted;
  if (recipe.source == "recordings") wanted.insert(begins("recordings"));
  if (!recipe.teacher.empty()) wanted.insert(begins("teacher"));
  if (!recipe.trunk.empty()) wanted.insert(begins("trunk"));
  if (starts_from_file(recipe)) wanted.insert(begins("start"));
  if (!recipe.images.empty()) wanted.insert(begins("images"));
  return wanted;
}

// The label behind {label} of a record.
std::string label_in(const StageRecord& record) {
  return record.neuron.empty() ? record.stage : record.neuron;
}

// "checkpoints/kept/LABEL_distill_00000150.safetensors" is behind 150 of them; -1 for another name.
int64_t units_in(const std::string& name) {
  const std::string stem = std::filesystem::path(name).stem().string();
  const std::string digits = stem.substr(stem.rfind('_') + 1);
  int64_t units = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), units);
  return units;
}

constexpr int64_t kMostUnits = 100'000;  // no sequence of cuts is longer

// Collects the sentences about one record.
class RecordCheck {
 public:
  RecordCheck(const Stage& stage, const StageRecord& record, std::vector<std::string>& sentences)
      : stage_(stage), record_(record), sentences_(sentences) {}

  void reads(const Recipe& recipe, const Names& made_before, const Names& inputs) {
    Names wanted;
    const std::vector<std::string> names = names_read(stage_, recipe);
    const std::vector<std::string> patterns = filled_in(names, label_in(record_));
    for (size_t i = 0; i < patterns.size(); ++i) {
      const Names& there = patterns[i] == "input:*" ? inputs : made_before;
      const size_t before = wanted.size();
      for (const std::string& name : there) {
        if (stands_for(patterns[i], name)) wanted.insert(name);
      }
      const bool needed = !names[i].ends_with('?') && patterns[i] != "input:*";
      if (needed && wanted.size() == before) {
        say(fmt::format("reads {}, which no stage before it made", patterns[i]));
      }
    }
    const Names recorded = names_of(record_.reads);
    for (const std::string& name : wanted) {
      if (!recorded.contains(name))
        say(fmt::format("reads {}, which its record does not name", name));
    }
    for (const std::string& name : recorded) {
      if (!wanted.contains(name))
        say(fmt::format("does not read {}, which its record names", name));
    }
  }

  void makes(const Recipe& recipe) {
    const std::vector<std::string> patterns = filled_in(stage_.makes, label_in(record_));
    Names left = names_of(record_.makes);
    for (size_t i = 0; i < patterns.size(); ++i) {
      const size_t erased = std::erase_if(
          left, [&](const std::string& name) { return stands_for(patterns[i], name); });
      if (erased == 0 && !stage_.makes[i].ends_with('?')) {
        say(fmt::format("makes {}, which its record does not name", patterns[i]));
      }
    }
    if (keeps_states(recipe)) check_kept(recipe, left);
    for (const std::string& name : left) say("does not make " + name + ", which its record names");
  }

 private:
  bool keeps_states(const Recipe& recipe) const {
    if (stage_.kept.empty()) return false;
    return stage_.changes_values == nullptr || stage_.changes_values(recipe);
  }
  // Every state, so that no stretch between two grows longer unseen. Takes them out of `left`.
  void check_kept(const Recipe& recipe, Names& left) {
    std::set<int64_t> kept;
    for (const std::string& name : stage_.kept) {
      const std::string pattern = fmt::format("checkpoints/kept/{}_{}_*", label_in(record_), name);
      for (const FileDigest& file : record_.makes) {
        if (!stands_for(pattern, file.name)) continue;
        left.erase(file.name);
        kept.insert(units_in(file.name));
      }
    }
    if (kept.empty()) return say("keeps states, of which its record names none");
    std::vector<int64_t> wanted;
    if (stage_.keeps != nullptr) {
      wanted = stage_.keeps(recipe);
    } else {
      for (int64_t unit = 0; unit < std::min(*kept.rbegin(), kMostUnits); ++unit) {
        wanted.push_back(unit);
      }
    }
    for (const int64_t unit : wanted) {
      if (kept.contains(unit)) continue;
      say(fmt::format("keeps a state at {} {}, which its record does not name", unit, stage_.unit));
    }
  }
  void say(const std::string& what) { sentences_.push_back(name_of(record_) + " " + what); }

  const Stage& stage_;
  const StageRecord& record_;
  std::vector<std::string>& sentences_;
};

// The number behind the last letter: labels are recorded_neuron()'s. -1 for another.
int64_t neuron_of_label(const std::string& label) {
  const size_t digits = label.find_last_not_of("0123456789") + 1;
  int64_t neuron = -1;
  std::from_chars(label.data() + digits, label.data() + label.size(), neuron);
  return neuron;
}

// Every stage once for every neuron, and no other.
void check_turns(const Recipe& recipe, const Lineage& lineage,
                 const std::vector<NeuronTarget>& neurons, std::vector<std::string>& sentences) {
  Names wanted;
  for (const StageTurn& turn : turns_of(recipe, neurons.size())) {
    const bool of_run = turn.stage->scope == Scope::kRun;
    wanted.insert(turn.stage->name + (of_run ? "" : " of " + neurons[turn.target].label));
  }
  Names recorded;
  for (const StageRecord& record : lineage.stages) {
    const std::string name = name_of(record);
    if (!recorded.insert(name).second) {
      sentences.push_back("the record has " + name + " twice");
    } else if (!wanted.contains(name)) {
      sentences.push_back("the record has " + name + ", which is no stage of such a run");
    }
  }
  if (lineage.subject.empty()) return;  // not finished: what is to come cannot be there
  for (const std::string& name : wanted) {
    if (!recorded.contains(name)) sentences.push_back("the record has no " + name);
  }
}

// What the run leaves is what its stages made last.
void check_subject(const Lineage& lineage, std::vector<std::string>& sentences) {
  if (lineage.subject.empty()) return;
  std::map<std::string, std::string> made;
  for (const StageRecord& record : lineage.stages) {
    for (const FileDigest& file : record.makes) {
      if (ledger_label(file.name).empty()) made[file.name] = file.sha256;
    }
  }
  for (const FileDigest& file : lineage.subject) {
    const auto found = made.find(file.name);
    if (found == made.end()) {
      if (!shared_files.contains(file.name)) {
        sentences.push_back("the run leaves " + file.name + ", which no stage made");
      }
      continue;
    }
    if (found->second != file.sha256) {
      sentences.push_back("the run leaves another " + file.name + " than was made");
    }
    made.erase(found);
  }
  for (const auto& [name, digest] : made) {
    sentences.push_back("the run does not leave " + name + ", which was made");
  }
}

void check_records(const Recipe& recipe, const Lineage& lineage,
                   std::vector<std::string>& sentences) {
  const Names inputs = inputs_of(lineage);
  for (const std::string& begin : inputs_wanted(recipe)) {
    const auto found = inputs.lower_bound(begin);
    if (found == inputs.end() || !found->starts_with(begin)) {
      sentences.push_back("no stage's record names " + begin + "*, which such a run reads");
    }
  }
  Names made;
  for (const StageRecord& record : lineage.stages) {
    const auto stage = std::find_if(stage_table().begin(), stage_table().end(),
                                    [&](const Stage& one) { return one.name == record.stage; });
    if (stage == stage_table().end()) continue;  // check_turns() has said so
    RecordCheck check(*stage, record, sentences);
    check.reads(recipe, made, inputs);
    check.makes(recipe);
    made.merge(names_of(record.makes));
  }
}

}  // namespace

std::vector<NeuronTarget> neurons_of(const Recipe& recipe, const Lineage& lineage) {
  if (const auto targets = targets_named(recipe)) return *targets;
  Names named;
  for (const StageRecord& record : lineage.stages) named.insert(record.neuron);
  named.erase("");
  std::vector<NeuronTarget> neurons;
  for (const std::string& label : named) {
    neurons.push_back(recorded_neuron(session_of(recipe), neuron_of_label(label)));
  }
  std::sort(neurons.begin(), neurons.end(),
            [](const auto& a, const auto& b) { return a.neuron < b.neuron; });
  return neurons;
}

Findings check_stages(const Recipe& recipe, const Lineage& lineage) {
  std::vector<std::string> sentences = broken_links(lineage);
  const std::vector<NeuronTarget> neurons = neurons_of(recipe, lineage);
  check_turns(recipe, lineage, neurons, sentences);
  check_records(recipe, lineage, sentences);
  check_subject(lineage, sentences);
  Findings findings;
  for (const std::string& sentence : sentences) {
    findings.push_back({"stages", FindingState::kDiffers, sentence});
  }
  if (!findings.empty()) return findings;
  if (lineage.subject.empty()) {
    return {{"stages", FindingState::kNotChecked,
             fmt::format("the run is not finished: its record has {} of {} stages, and what is to "
                         "come cannot be checked",
                         lineage.stages.size(), turns_of(recipe, neurons.size()).size())}};
  }
  return {{"stages", FindingState::kSame,
           fmt::format("{}, each with all it reads and makes, read as it was made",
                       lineage.stages.size())}};
}

namespace {

std::vector<std::string> names_of_runs(const std::vector<std::filesystem::path>& runs,
                                       const std::filesystem::path& root) {
  std::vector<std::string> names;
  for (const std::filesystem::path& run : runs) {
    names.push_back(run.lexically_relative(root).string());
  }
  return names;
}

bool lies_in(const std::vector<std::string>& folders, const std::string& file) {
  return std::ranges::any_of(
      folders, [&](const std::string& folder) { return file.starts_with(folder + "/"); });
}

}  // namespace

Findings check_strays(const Lineage& lineage, const RunDirectory& run) {
  Names known = names_of(lineage.subject);
  for (const StageRecord& record : lineage.stages) known.merge(names_of(record.makes));
  known.insert("lineage.json");
  std::vector<std::string> strays;
  std::vector<std::string> others;
  const std::vector<std::string> sizes = names_of_runs(size_runs(run.root()), run.root());
  for (const ManifestFile& file : files_below(run.root(), run.root())) {
    if (known.contains(file.name) || file.name == ".lock" || lies_in(sizes, file.name)) continue;
    const bool of_a_stage = file.name.starts_with("models/") || file.name.starts_with("labels/") ||
                            file.name.starts_with("predictions/") ||
                            file.name.starts_with("checkpoints/kept/") ||
                            file.name == "results.json" || file.name == "truth.json" ||
                            shared_files.contains(file.name);
    if (of_a_stage) {
      strays.push_back(file.name);
    } else if (!file.name.starts_with("checkpoints/")) {
      others.push_back(file.name);
    }
  }
  Findings findings;
  // A run that is not finished has files of the stage it is at.
  const bool finished = !lineage.subject.empty();
  if (!strays.empty()) {
    findings.push_back({"files", finished ? FindingState::kDiffers : FindingState::kNotChecked,
                        fmt::format("no stage in the record made {}", some_of(strays))});
  }
  if (!others.empty()) {
    findings.push_back({"files", FindingState::kNotChecked,
                        fmt::format("not in the record: {}", fmt::join(others, ", "))});
  }
  if (!sizes.empty()) {
    findings.push_back(
        {"files", FindingState::kNotChecked,
         fmt::format("runs of their own, to be audited one by one: {}", fmt::join(sizes, ", "))});
  }
  return findings;
}

}  // namespace secateur
