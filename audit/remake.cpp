#include "audit/remake.h"

#include <algorithm>
#include <set>

#include "audit/first_difference.h"
#include "chain/chain.h"
#include "chain/ledger_file.h"
#include "chain/lineage_log.h"
#include "formats/atomic_file.h"
#include "formats/input_file.h"
#include "provenance/manifest.h"
#include "training/kept_states.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMetricsCap = int64_t{1} << 28;
constexpr std::string_view kKeptFolder = "checkpoints/kept/";

void copy_if_there(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from)) return;
  fs::create_directories(to.parent_path());
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

// Labels are read from a copy: what is missing is computed there, never in the run.
fs::path copied_labels(const RunDirectory& run, const fs::path& to) {
  fs::create_directories(to);
  const fs::path from = run.file("labels");
  for (const ManifestFile& file : files_below(from, from)) copy_if_there(file.path, to / file.name);
  return to;
}

// What is made again is computed, not fetched.
Recipe without_caches(Recipe recipe) {
  recipe.run.label_cache.clear();
  recipe.run.trunk_cache.clear();
  return recipe;
}

// The files of `root` that a name of the table stands for (stage.h).
std::vector<std::string> files_named(const std::string& name, const fs::path& root) {
  if (!name.ends_with('*')) return {name};
  std::vector<std::string> names;
  for (const ManifestFile& file : files_below(root / fs::path(name).parent_path(), root)) {
    if (stands_for(name, file.name)) names.push_back(file.name);
  }
  return names;
}

// Both sides' lines as files, so that they are compared like any other.
std::string lines_difference(const std::string& kept, const std::string& again,
                             const std::string& what, const fs::path& made) {
  write_file_atomically(made / "kept.jsonl", kept);
  write_file_atomically(made / "made.jsonl", again);
  const std::string difference = first_difference(made / "kept.jsonl", made / "made.jsonl");
  return difference.empty() ? "" : fmt::format("{}, {}", what, difference);
}

// The rows of a learning curve, as a file of metrics has them.
std::string rows_of(const fs::path& file, const std::string& stage, const std::string& label) {
  if (!fs::exists(file)) return "";
  const bool csv = file.extension() == ".csv";
  const std::string text = read_file(file, kMetricsCap);
  std::string rows;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end + 1 - begin);
    const bool of_it = csv ? line.starts_with(stage + "," + label + ",")
                           : line.find("\"stage\":\"" + stage + "\"") != std::string::npos &&
                                 line.find("\"neuron\":\"" + label + "\"") != std::string::npos;
    if (of_it) rows += line;
  }
  return rows;
}

}  // namespace

Remake::Remake(const Recipe& recipe, const RunDirectory& run, fs::path scratch,
               ChainObserver& observer)
    : run_(run),
      scratch_(std::move(scratch)),
      observer_(observer),
      materials_(without_caches(recipe), run, observer, copied_labels(run, scratch_ / "labels")) {}

fs::path Remake::fresh_folder() { return scratch_ / fmt::format("again_{}", ++folders_); }

StageContext Remake::context_in(const RunDirectory& run, MetricsLog& log) {
  return {materials_, run, log, observer_};
}

std::vector<Segment> Remake::segments() {
  MetricsLog log(scratch_);
  return segments_of(context_in(run_, log));
}

void Remake::copy_what_it_reads(const Segment& segment, const RunDirectory& again) const {
  const std::string label = label_of(*segment.stage, subject(), segment.target);
  for (const std::string& pattern :
       filled_in(names_read(*segment.stage, materials_.recipe()), label)) {
    if (!pattern.starts_with("models/")) continue;
    for (const std::string& name : files_named(pattern, run_.root())) {
      copy_if_there(run_.file(name), again.file(name));
    }
  }
  // The first part begins as the stage did, from nothing.
  if (segment.first() || segment.stage->kept.empty()) return;
  const auto states = kept_states_of(*segment.stage, run_, label);
  copy_if_there(states.at(segment.stretch.from),
                again.checkpoint(label + "_" + segment.stage->kept.front() + ".safetensors"));
}

std::vector<std::string> Remake::made_by(const Segment& segment) const {
  const std::string label = label_of(*segment.stage, subject(), segment.target);
  std::vector<std::string> names;
  if (!segment.whole()) {
    const auto states = kept_states_of(*segment.stage, run_, label);
    const auto add = [&](int64_t at) {
      names.push_back(states.at(at).lexically_relative(run_.root()).string());
    };
    if (segment.first()) add(segment.stretch.from);
    add(segment.stretch.to);
  }
  if (!segment.last()) return names;
  for (const std::string& pattern : filled_in(segment.stage->makes, label)) {
    if (pattern.starts_with(kKeptFolder)) continue;
    for (const std::string& name : files_named(pattern, run_.root())) names.push_back(name);
  }
  return names;
}

void Remake::make(const Segment& segment, const RunDirectory& again) {
  MetricsLog log(again.root());
  const bool part = !segment.last();
  StageContext context = context_in(again, log);
  context.target = segment.target;
  if (part) context.until = segment.stretch.to;
  try {
    segment.stage->make(context);
  } catch (const Stopped&) {
    if (observer_.stop() || !part) throw;
  }
}

std::vector<std::string> Remake::compared(const std::vector<std::string>& names,
                                          const fs::path& made) const {
  std::vector<std::string> differences;
  for (const std::string& name : names) {
    const std::string label = ledger_label(name);
    // Some files are made of some subjects only (truth.json).
    if (label.empty() && !fs::exists(run_.file(name)) && !fs::exists(made / name)) continue;
    std::string difference =
        label.empty()
            ? first_difference(run_.file(name), made / name)
            : lines_difference(ledger_lines(run_.root(), label), ledger_lines(made, label),
                               "ledger.jsonl: of the lines of " + label, made);
    if (difference.empty()) continue;
    if (label.empty()) difference = name + ": " + difference;
    differences.push_back(std::move(difference));
  }
  return differences;
}

std::vector<std::string> Remake::differences(const Segment& segment) {
  if (segment.stage->differences != nullptr) {
    MetricsLog log(scratch_);
    return segment.stage->differences(context_in(run_, log), segment.stretch);
  }
  const RunDirectory again = RunDirectory::create(fresh_folder());
  copy_what_it_reads(segment, again);
  make(segment, again);
  std::vector<std::string> differences = compared(made_by(segment), again.root());
  if (segment.last()) compare_curves(segment, again.root(), differences);
  return differences;
}

// A stage that was made to its end has its whole learning curve, which travels in its states.
void Remake::compare_curves(const Segment& segment, const fs::path& made,
                            std::vector<std::string>& differences) const {
  const std::string& stage = segment.stage->name;
  const std::string label = label_of(*segment.stage, subject(), segment.target);
  for (const char* name : {"metrics.jsonl", "metrics.csv"}) {
    const std::string difference =
        lines_difference(rows_of(run_.file(name), stage, label), rows_of(made / name, stage, label),
                         fmt::format("{}: of the rows of {} of {}", name, stage, label), made);
    if (!difference.empty()) differences.push_back(difference);
  }
}

std::vector<std::string> Remake::differences_of_all() {
  const RunDirectory again = RunDirectory::create(fresh_folder());
  run_chain(again, materials_.recipe(), observer_);
  // All that one of the two leaves; where files lie, config.toml may say otherwise, and the record
  // was held to its settings.
  std::set<std::string> names;
  for (const RunDirectory* run : {&run_, &again}) {
    for (const FileDigest& file : read_lineage(run->file("lineage.json")).subject) {
      if (file.name != "config.toml") names.insert(file.name);
    }
  }
  return compared({names.begin(), names.end()}, again.root());
}

}  // namespace secateur
