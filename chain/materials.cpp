#include "chain/materials.h"

#include <algorithm>
#include <array>

#include "chain/fitted_before.h"
#include "chain/frozen_trunk.h"
#include "chain/session_outputs.h"
#include "data/image_batches.h"
#include "model_files/model_files.h"
#include "ops/backend/reproducibility.h"
#include "tensor/error.h"
#include "training/labels.h"

namespace secateur {
namespace {

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string source_of_members(const Recipe& recipe) {
  if (recipe.trunk.empty()) return fmt::format("ensemble of {}", teacher_members(recipe));
  std::vector<std::string> names;
  for (const std::string& path : recipe.trunk) {
    names.push_back(file_name(path));
  }
  return fmt::format("readouts on {}", fmt::join(names, ", "));
}

std::vector<int64_t> neurons_of(const std::vector<NeuronTarget>& targets) {
  std::vector<int64_t> neurons;
  for (const NeuronTarget& target : targets) neurons.push_back(target.neuron);
  return neurons;
}

// A model of one neuron teaches that neuron.
bool teaches_alone(int64_t outputs, const Subject& subject) {
  return outputs == 1 && subject.targets.size() == 1;
}

// The outputs of a teacher that are the session's neurons.
Model part_for_session(const Recipe& recipe, const Subject& subject, const Model& whole,
                       const std::string& source) {
  const InputSpec& in = whole.architecture().input;
  if (in.height != subject.input.height || in.width != subject.input.width) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} reads images of {} x {}, those of the session have {} x {}", source,
                            in.height, in.width, subject.input.height, subject.input.width));
  }
  refuse_fitted_on_score(whole, source, subject);
  const int64_t outputs = whole.architecture().readout.outputs;
  if (teaches_alone(outputs, subject)) return whole;
  return select_outputs(
      whole, session_outputs(recipe.teacher_outputs, subject, outputs,
                             {"teacher", "teacher_outputs",
                              "say trunk=FILE in the place of teacher=FILE, which fits readouts "
                              "for these on its layers",
                              model_origin(whole.metadata, source)}));
}

// Of a teacher's outputs for the session, or of its only one, those of the targets.
std::vector<int64_t> outputs_for_targets(const Subject& subject, int64_t outputs) {
  if (teaches_alone(outputs, subject)) return {0};
  for (const NeuronTarget& target : subject.targets) {
    if (target.neuron >= outputs) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("the teacher has {} outputs for session {}, neuron {} "
                              "is not among them",
                              outputs, subject.test.session, target.neuron));
    }
  }
  return neurons_of(subject.targets);
}

// What stands in a folder of models: the members that a run has made, else all files that a model
// may be, by name.
std::vector<std::string> models_in(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> members;
  for (int64_t i = 0; fs::exists(folder / "models" / teacher_member(i)); ++i) {
    members.push_back((folder / "models" / teacher_member(i)).string());
  }
  if (!members.empty()) return members;
  constexpr std::array<const char*, 5> kEndings = {".safetensors", ".keras", ".h5", ".pt", ".npy"};
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string end = entry.path().extension().string();
    if (std::ranges::count(kEndings, end) > 0) members.push_back(entry.path().string());
  }
  std::ranges::sort(members);
  return members;
}

// That has all outputs of the session, and responds for the targets.
Teacher teacher_of(const std::vector<TeacherMember>& members, const Subject& subject) {
  const Teacher session(members);
  return session.with_outputs(outputs_for_targets(subject, session.outputs()));
}

TeacherSet trained_teacher(const Recipe& recipe, const Subject& subject, const RunDirectory& run) {
  std::vector<TeacherMember> members;
  int64_t parameters = 0;
  for (int64_t i = 0; i < teacher_members(recipe); ++i) {
    if (on_frozen_trunk(recipe, i)) {
      const TrunkMember whole =
          read_trunk_member(run.model(teacher_member(i)), frozen_trunk(recipe, i, subject.input));
      parameters += frozen_trunk_parameters() + whole.readout.weight.numel() + whole.outputs();
      members.emplace_back(whole);
      continue;
    }
    const Model whole = read_model(run.model(teacher_member(i)));
    parameters += count_parameters(whole.architecture()).total;
    members.emplace_back(whole);
  }
  return {.teacher = teacher_of(members, subject),
          .parameters = parameters,
          .source = source_of_members(recipe)};
}

// Labels of one mode do not train in the other.
std::string label_file_of(const Teacher& teacher, const TrainingSet& set) {
  const bool portable = reproducibility() == Reproducibility::kPortable;
  return label_key(teacher, set, set.size()) + (portable ? ".safetensors" : "_threads.safetensors");
}

}  // namespace

Model member_for_targets(const Subject& subject, const RunDirectory& run, int64_t member) {
  return select_outputs(read_model(run.model(teacher_member(member))), neurons_of(subject.targets));
}

std::vector<std::string> teacher_files(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    const std::vector<std::string> found = models_in(path);
    require(!found.empty(), "teacher",
            "{} has no models/teacher_member*.safetensors of a run, nor model files", path);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

Model given_member(const Recipe& recipe, const std::string& path, const Subject& subject) {
  const Model session = part_for_session(recipe, subject, read_model(path), file_name(path));
  const int64_t outputs = session.architecture().readout.outputs;
  return select_outputs(session, outputs_for_targets(subject, outputs));
}

TeacherSet given_teacher(const Recipe& recipe, const Subject& subject) {
  std::vector<TeacherMember> members;
  std::vector<std::string> names;
  int64_t parameters = 0;
  for (const std::string& path : recipe.teacher) {
    const Model whole = read_model(path);
    parameters += count_parameters(whole.architecture()).total;
    names.push_back(file_name(path));
    members.emplace_back(part_for_session(recipe, subject, whole, names.back()));
  }
  return {.teacher = teacher_of(members, subject),
          .parameters = parameters,
          .source = fmt::format("{}", fmt::join(names, ", "))};
}

Model given_trunk(const std::string& path, const Subject& subject) {
  Model trunk = read_model(path);
  const InputSpec& in = trunk.architecture().input;
  if (in != subject.input) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("trunk: {} reads images of {} x {} less ({}), those of the session have {} x "
                    "{}, less ({})",
                    file_name(path), in.height, in.width, fmt::join(in.mean, ", "),
                    subject.input.height, subject.input.width,
                    fmt::join(subject.input.mean, ", ")));
  }
  return trunk;
}

Materials::Materials(const Recipe& recipe, const RunDirectory& run, ChainObserver& observer,
                     std::filesystem::path labels)
    : recipe_(recipe),
      run_(run),
      observer_(observer),
      labels_(std::move(labels)),
      subject_(make_subject(recipe)) {}

Materials::Materials(const Recipe& recipe, const RunDirectory& run, ChainObserver& observer)
    : Materials(recipe, run, observer, run.file("labels")) {}

const TeacherSet& Materials::teacher() {
  if (!teacher_) {
    teacher_ = recipe_.teacher.empty() ? trained_teacher(recipe_, subject_, run_)
                                       : given_teacher(recipe_, subject_);
  }
  return *teacher_;
}

const std::shared_ptr<const TrainingSet>& Materials::set() {
  if (set_ == nullptr) set_ = distillation_set(recipe_, subject_);
  return set_;
}

std::string Materials::label_file() { return label_file_of(teacher().teacher, *set()); }

// The cache holds all neurons of the session: a run of others finds them there.
void Materials::take_from_cache(const std::filesystem::path& file) {
  if (recipe_.run.label_cache.empty() || std::filesystem::exists(file)) return;
  const Teacher& responses = teacher().teacher;
  const Teacher all = responses.with_all_outputs();
  const std::filesystem::path cache = recipe_.run.label_cache;
  std::filesystem::create_directories(cache);
  const Tensor labels =
      compute_labels(all, *set(), set()->size(), cache / label_file_of(all, *set()), observer_);
  keep_labels(responses, *set(), labels, file);
}

const LabelledImages& Materials::images() {
  if (images_) return *images_;
  const Teacher& responses = teacher().teacher;
  const std::filesystem::path file = labels_ / label_file();
  std::filesystem::create_directories(labels_);
  take_from_cache(file);
  images_ = {.set = set(),
             .labels = compute_labels(responses, *set(), set()->size(), file, observer_),
             .validation_labels = respond_to_all(std::cref(responses), *subject_.validation_images,
                                                 subject_.input.mean)};
  return *images_;
}

int64_t teacher_members(const Recipe& recipe) {
  return recipe.trunk.empty() ? recipe.teacher_training.members
                              : static_cast<int64_t>(recipe.trunk.size());
}

std::string teacher_member(int64_t member) {
  return fmt::format("teacher_member{}.safetensors", member);
}

std::shared_ptr<const TrainingSet> distillation_set(const Recipe& recipe, const Subject& subject) {
  const int64_t images = subject.distill_images->count();
  // Cuts may show more than either of the others, but how many there will be is not known before.
  const int64_t shown =
      std::max({recipe.core.images, recipe.distill.images, recipe.retrain.images});
  const int64_t useful =
      std::clamp((shown + images - 1) / images, int64_t{1}, recipe.distill.variants);
  const Augmentation augmentation{.flip = recipe.augment.flip,
                                  .max_shift = static_cast<int>(recipe.augment.max_shift),
                                  .contrast = recipe.augment.contrast,
                                  .brightness = recipe.augment.brightness,
                                  .zoom = recipe.augment.zoom};
  return std::make_shared<TrainingSet>(subject.distill_images, augmentation, useful,
                                       static_cast<uint64_t>(recipe.seed), subject.input.mean);
}

}  // namespace secateur
