#include "apps/audit/replay.h"

#include <algorithm>
#include <bit>
#include <map>

#include "apps/audit/first_difference.h"
#include "apps/chain/chain.h"
#include "apps/chain/compress_stage.h"
#include "apps/chain/core_stage.h"
#include "apps/chain/ledger_file.h"
#include "apps/interrupt.h"
#include "formats/atomic_file.h"
#include "provenance/manifest.h"
#include "tensor/error.h"
#include "training/kept_states.h"
#include "training/labels.h"

namespace secateur {
namespace {

namespace fs = std::filesystem;

void copy_if_there(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from)) return;
  fs::create_directories(to.parent_path());
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

const char* kept_name(const std::string& stage) {
  return stage == "prune" ? "cuts" : stage.c_str();
}

std::string label_of(const Segment& segment, const Subject& subject) {
  return segment.target < 0 ? segment.stage
                            : subject.targets[static_cast<size_t>(segment.target)].label;
}

// The file that a stage leaves at its end.
std::string model_of(const std::string& stage, const std::string& label) {
  if (stage == "core") return "models/core.safetensors";
  if (stage == "compress") return "models/" + label + "_compact.secateur";
  const std::map<std::string, std::string> made = {
      {"distill", "student"}, {"prune", "pruned"}, {"retrain", "retrained"}};
  return fmt::format("models/{}_{}.safetensors", label, made.at(stage));
}

}  // namespace

Replay::Replay(const Recipe& recipe, const RunDirectory& run, fs::path scratch)
    : recipe_(recipe), run_(run), scratch_(std::move(scratch)), subject_(make_subject(recipe)) {
  // Labels are read from a copy: what is missing is made again there, never in the run.
  const fs::path labels =
      recipe.run.label_cache.empty() ? run.file("labels") : fs::path(recipe.run.label_cache);
  recipe_.run.label_cache = (scratch_ / "labels").string();
  fs::create_directories(scratch_ / "labels");
  if (!fs::is_directory(labels)) return;
  for (const auto& entry : fs::directory_iterator(labels)) {
    if (entry.is_regular_file()) {
      copy_if_there(entry.path(), scratch_ / "labels" / entry.path().filename());
    }
  }
}

fs::path Replay::fresh_folder() { return scratch_ / fmt::format("replay_{}", ++folders_); }

// Members of an ensemble are read from the run, not trained again.
const Teacher& Replay::teacher() {
  if (!teacher_) teacher_ = obtain_teacher(recipe_, subject_, run_);
  return teacher_->teacher;
}

const LabelledImages& Replay::images() {
  if (!images_) images_ = label_images(recipe_, subject_, teacher(), run_);
  return *images_;
}

std::vector<Segment> Replay::segments() const {
  const auto set = distillation_set(recipe_, subject_);
  return segments_of(recipe_, subject_, run_, set->size());
}

std::vector<std::string> Replay::label_differences(const Segment& segment) {
  const Tensor& kept = images().labels;
  const Tensor made = label_rows(teacher(), *images().set, segment.from, segment.to);
  for (int64_t i = 0; i < made.numel(); ++i) {
    const float was = kept[segment.from * kept.dim(1) + i];
    if (std::bit_cast<uint32_t>(was) == std::bit_cast<uint32_t>(made[i])) continue;
    return {fmt::format("{}: row {}, output {} is {} in the run and {} in the replay",
                        images().file.filename().string(), segment.from + i / kept.dim(1),
                        i % kept.dim(1), was, made[i])};
  }
  return {};
}

void Replay::copy_what_it_reads(const Segment& segment, const RunDirectory& again) const {
  for (const ManifestFile& file : files_below(run_.file("models"), run_.root())) {
    copy_if_there(file.path, again.file(file.name));
  }
  // A stage whose model is there would not be made again.
  fs::remove(again.file(model_of(segment.stage, label_of(segment, subject_))));
  // The first part begins as the stage did, from nothing.
  if (segment.unit != "steps" && segment.unit != "cuts") return;
  if (segment.number == 1) return;
  const std::string name = label_of(segment, subject_) + "_" + kept_name(segment.stage);
  copy_if_there(kept_state(run_.checkpoint("kept"), name, segment.from),
                again.checkpoint(name + ".safetensors"));
}

std::vector<std::string> Replay::made_by(const Segment& segment) const {
  const std::string label = label_of(segment, subject_);
  std::vector<std::string> names;
  if (segment.unit == "steps" || segment.unit == "cuts") {
    const std::string name = label + "_" + kept_name(segment.stage);
    const auto add = [&](int64_t at) {
      names.push_back(kept_state("checkpoints/kept", name, at).string());
    };
    if (segment.number == 1) add(segment.from);
    add(segment.to);
  }
  if (segment.last()) names.push_back(model_of(segment.stage, label));
  return names;
}

void Replay::make(const Segment& segment, const RunDirectory& again) {
  MetricsLog log(again.root());
  const bool part = !segment.unit.empty() && !segment.last();
  const StageContext context{.recipe = recipe_,
                             .subject = subject_,
                             .run = again,
                             .images = images(),
                             .log = log,
                             .last_step = part && segment.unit == "steps" ? segment.to : -1,
                             .last_cut = part && segment.unit == "cuts" ? segment.to : -1};
  const auto target = static_cast<size_t>(std::max<int64_t>(0, segment.target));
  try {
    if (segment.stage == "core") core_stage(context);
    if (segment.stage == "distill") distill_stage(context, target);
    if (segment.stage == "prune") prune_stage(context, target);
    if (segment.stage == "retrain") retrain_stage(context, target);
    if (segment.stage == "compress") compress_stage(context, target);
  } catch (const Interrupted&) {
    if (interrupted() || !part) throw;
  }
}

std::vector<std::string> Replay::compared(const std::vector<std::string>& names,
                                          const fs::path& made) const {
  std::vector<std::string> differences;
  for (const std::string& name : names) {
    const std::string difference = first_difference(run_.file(name), made / name);
    if (!difference.empty()) differences.push_back(name + ": " + difference);
  }
  return differences;
}

std::vector<std::string> Replay::teacher_differences(const RunDirectory& again) {
  obtain_teacher(recipe_, subject_, again);
  std::vector<std::string> names;
  for (int64_t i = 0; i < recipe_.teacher_training.members; ++i) {
    names.push_back(fmt::format("models/teacher_member{}.safetensors", i));
  }
  return compared(names, again.root());
}

std::vector<std::string> Replay::differences(const Segment& segment) {
  if (segment.stage == "labels") return label_differences(segment);
  const fs::path folder = fresh_folder();
  const RunDirectory again = RunDirectory::create(folder);
  if (segment.stage == "teacher") return teacher_differences(again);
  copy_what_it_reads(segment, again);
  make(segment, again);
  std::vector<std::string> differences = compared(made_by(segment), folder);
  if (segment.stage == "prune" && segment.last()) {
    const std::string& label = subject_.targets[static_cast<size_t>(segment.target)].label;
    write_file_atomically(folder / "kept.jsonl", ledger_lines(run_.root(), label));
    write_file_atomically(folder / "made.jsonl", ledger_lines(folder, label));
    const std::string ledger = first_difference(folder / "kept.jsonl", folder / "made.jsonl");
    if (!ledger.empty()) {
      differences.push_back(fmt::format("ledger.jsonl: of the lines of {}, {}", label, ledger));
    }
  }
  return differences;
}

std::vector<std::string> Replay::differences_of_all() {
  const fs::path folder = fresh_folder();
  Recipe recipe = recipe_;
  recipe.run.label_cache.clear();
  {
    const RunDirectory again = RunDirectory::create(folder);
    again.write_config(recipe);
    run_chain(again);
  }
  std::vector<std::string> names;
  for (const char* part : {"models", "checkpoints/kept", "predictions"}) {
    for (const ManifestFile& file : files_below(run_.file(part), run_.root())) {
      names.push_back(file.name);
    }
  }
  for (const char* name : {"ledger.jsonl", "metrics.jsonl", "results.json"}) names.push_back(name);
  return compared(names, folder);
}

}  // namespace secateur
