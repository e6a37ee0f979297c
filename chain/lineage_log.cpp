#include "chain/lineage_log.h"

#include <algorithm>

#include "chain/ledger_file.h"
#include "chain/machine.h"
#include "chain/settings.h"
#include "chain/stage_table.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "tensor/printable.h"
#include "tensor/sha256.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLedgerPart = "ledger.jsonl:";

void set_heading(const Recipe& recipe, Lineage& lineage) {
  lineage.recipe = settings_without_places(recipe);
  const nlohmann::json machine = describe_machine();
  lineage.code = {{"version", machine.at("secateur")}, {"revision", machine.at("revision")}};
  lineage.promises = promises_about_bits(reproducibility());
}

// Earlier programs wrote some lists of files as the one file that they took.
bool same_setting(const nlohmann::json& was, const nlohmann::json& now) {
  if (!was.is_string() || !now.is_array()) return was == now;
  return was == "" ? now.empty() : now == nlohmann::json::array({was});
}

// A value of the record as it stands, unless it is too long for a sentence.
std::string brief(const nlohmann::json& value) {
  constexpr size_t kLongest = 80;
  const std::string text = value.dump();
  return text.size() <= kLongest ? text : printable(text);
}

}  // namespace

std::optional<Reproducibility> begun_with(const RunDirectory& run) {
  if (!fs::exists(run.file("lineage.json"))) return std::nullopt;
  return promised(read_lineage(run.file("lineage.json")).promises);
}

std::vector<std::string> changed_settings(const Recipe& recipe, const Lineage& lineage) {
  std::vector<std::string> changed;
  const nlohmann::json now = settings_without_places(recipe);
  for (const auto& [key, value] : now.items()) {
    const nlohmann::json was = lineage.recipe.value(key, nlohmann::json());
    if (key.starts_with("run.") || same_setting(was, value)) continue;
    changed.push_back(
        fmt::format("{} is {}, the run was made with {}", key, value.dump(), brief(was)));
  }
  return changed;
}

void begin_lineage(const RunDirectory& run, const Recipe& recipe) {
  const fs::path file = run.file("lineage.json");
  const std::optional<Reproducibility> begun = begun_with(run);
  if (!begun) {
    Lineage lineage;
    set_heading(recipe, lineage);
    write_lineage(file, lineage);
    return;
  }
  if (*begun != reproducibility()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} was begun with --reproducible {}: go on with that",
                            run.root().string(), reproducibility_name(*begun)));
  }
  const std::vector<std::string> changed = changed_settings(recipe, read_lineage(file));
  if (!changed.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} goes on with the settings it was begun with: {}",
                                               run.root().string(), fmt::join(changed, "; ")));
  }
}

std::string ledger_label(const std::string& name) {
  return name.starts_with(kLedgerPart) ? name.substr(kLedgerPart.size()) : "";
}

std::string digest_in_run(const fs::path& root, const std::string& name) {
  if (const std::string label = ledger_label(name); !label.empty()) {
    const std::string lines = ledger_lines(root, label);
    return lines.empty() ? "" : sha256_of(lines);
  }
  return fs::is_regular_file(root / name) ? sha256_of_file(root / name) : "";
}

LineageLog::LineageLog(const RunDirectory& run, const Recipe& recipe, const Subject& subject)
    : run_(run),
      recipe_(recipe),
      subject_(subject),
      inputs_(input_files(recipe, subject.targets)),
      input_list_(list_of_inputs(inputs_)) {
  keep_input_list();
  if (fs::exists(run.file("lineage.json"))) lineage_ = read_lineage(run.file("lineage.json"));
  set_heading(recipe, lineage_);
}

void LineageLog::keep_input_list() {
  const fs::path file = run_.file(kInputList);
  if (inputs_.empty()) return;
  if (!fs::exists(file)) {
    write_file_atomically(file, input_list_);
    return;
  }
  const std::string before = read_file(file, kInputListCap);
  for (const ManifestFile& input : inputs_) {
    const std::vector<std::string> changed = changed_in_lists(before, input_list_, input.name);
    require(changed.empty(), "lineage", "{} is not what it was when the run began: {}",
            input.path.string(), some_of(changed));
  }
  const std::vector<std::string> gone = gone_from_list(before, inputs_);
  require(gone.empty(), "lineage", "not there any more, and read when the run began: {}",
          some_of(gone));
}

void LineageLog::add(const std::string& name, std::vector<FileDigest>& to) {
  if (name == "input:*") {
    for (const ManifestFile& input : inputs_) {
      to.push_back(
          {std::string(kInputPrefix) + input.name, digest_in_list(input_list_, input.name)});
    }
    return;
  }
  if (name.ends_with('*')) {
    for (const ManifestFile& file :
         files_below(run_.file(fs::path(name).parent_path().string()), run_.root())) {
      if (stands_for(name, file.name)) add(file.name, to);
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

void LineageLog::done(const Stage& stage, const std::string& label) {
  put_stage(lineage_, {.stage = stage.name,
                       .neuron = stage.scope == Scope::kNeuron ? label : "",
                       .reads = digests(filled_in(names_read(stage, recipe_), label)),
                       .makes = digests(filled_in(stage.makes, label)),
                       .machine = describe_machine()});
  write_lineage(run_.file("lineage.json"), lineage_);
}

void LineageLog::finish() {
  // Several stages write to these.
  std::vector<std::string> names = {"ledger.jsonl", "metrics.jsonl", "metrics.csv"};
  for (const StageTurn& turn : turns_of(recipe_, subject_.targets.size())) {
    const std::string label = label_of(*turn.stage, subject_, turn.target);
    for (const std::string& name : filled_in(turn.stage->makes, label)) {
      if (ledger_label(name).empty()) names.push_back(name);
    }
  }
  lineage_.subject = digests(names);
  write_lineage(run_.file("lineage.json"), lineage_);
}

}  // namespace secateur
