#include "chain/start_model.h"

#include <filesystem>

#include "chain/file_pattern.h"
#include "chain/fitted_before.h"
#include "chain/frozen_trunk.h"
#include "chain/materials.h"
#include "chain/session_outputs.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "pruning/removal.h"
#include "tensor/error.h"

namespace secateur {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw Error(ErrorKind::kUsage, fmt::format("start: {} {}", file, what));
}

void require_student(const Architecture& a, const Subject& subject, const std::string& file) {
  if (a.input != subject.input) {
    refuse(file,
           fmt::format("reads images of {} x {} with other means than the session's {} x {}",
                       a.input.height, a.input.width, subject.input.height, subject.input.width));
  }
  try {
    require_prunable(a);
  } catch (const Error& error) {
    refuse(file, fmt::format("cannot become a student: {}", error.what()));
  }
}

// The file whose layers the teacher's first member has.
std::string teacher_file(const Recipe& recipe) {
  if (!recipe.teacher.empty()) return recipe.teacher.front();
  if (on_frozen_trunk(recipe, 0)) {
    refuse(std::filesystem::path(recipe.trunk.front()).filename().string(),
           "has weights of ResNet-50, which cannot be pruned: leave start=teacher out, or name a "
           "model as the first trunk");
  }
  if (!recipe.trunk.empty()) return recipe.trunk.front();
  throw Error(ErrorKind::kUsage,
              "start=teacher wants teacher=FILE or trunk=FILE: a teacher that is trained from "
              "pixels has residual blocks, which cannot be pruned");
}

}  // namespace

Architecture fresh_architecture(const Recipe& recipe, const std::vector<int64_t>& filters,
                                const InputSpec& input, int64_t outputs) {
  Architecture architecture = student_architecture(filters, input, outputs);
  if (recipe.distill.activation == "linear") {
    for (Block& block : architecture.blocks) block.activation = Activation::kLinear;
  }
  return architecture;
}

Model start_model(const Recipe& recipe, const Subject& subject, size_t target) {
  const int64_t neuron = subject.targets[target].neuron;
  const std::filesystem::path path =
      filled_in(recipe.start, subject.test.session, subject.targets[target]);
  const Model whole = read_model(path);
  const Architecture& a = whole.architecture();
  const std::string file = path.filename().string();
  require_student(a, subject, file);
  refuse_fitted_on_score(whole, file, subject);
  if (a.readout.outputs == 1) return student_from_shared(whole, 0);
  const std::vector<int64_t> of_session =
      session_outputs(recipe.start_outputs, subject, a.readout.outputs,
                      {"model to start from", "start_outputs", "start from a model of this session",
                       model_origin(whole.metadata, file)});
  if (neuron >= static_cast<int64_t>(of_session.size())) {
    refuse(file, fmt::format("has {} outputs for session {}, neuron {} is not among them",
                             of_session.size(), subject.test.session, neuron));
  }
  return student_from_shared(whole, of_session[static_cast<size_t>(neuron)]);
}

Model teacher_to_start_from(const Recipe& recipe, const Subject& subject, const RunDirectory& run) {
  if (!recipe.teacher.empty()) return given_member(recipe, recipe.teacher.front(), subject);
  return member_for_targets(subject, run, 0);
}

void require_start(const Recipe& recipe, const Subject& subject) {
  if (starts_from_teacher(recipe)) {
    const std::string file = teacher_file(recipe);
    const Architecture a = read_model(file).architecture();
    try {
      require_prunable(a);
    } catch (const Error&) {
      throw Error(
          ErrorKind::kUsage,
          fmt::format("start=teacher: the layers of {} cannot be pruned, as those of a teacher "
                      "that was trained from pixels; wanted recipes/own.toml with teacher={}, "
                      "or trunk=FILE, a network of a convolution and separable layers",
                      std::filesystem::path(file).filename().string(), file));
    }
    require_student(a, subject, std::filesystem::path(file).filename().string());
  } else if (starts_from_file(recipe)) {
    for (size_t i = 0; i < subject.targets.size(); ++i) start_model(recipe, subject, i);
  }
}

Architecture student_before_training(const Recipe& recipe, const Subject& subject, size_t target) {
  if (starts_from_file(recipe)) return start_model(recipe, subject, target).architecture();
  if (starts_from_teacher(recipe)) {
    Architecture architecture = read_model(teacher_file(recipe)).architecture();
    architecture.readout = {.kind = ReadoutKind::kDense, .outputs = 1};
    return architecture;
  }
  const auto& filters = recipe.core.images > 0 ? recipe.core.filters : recipe.distill.filters;
  return fresh_architecture(recipe, filters, subject.input);
}

}  // namespace secateur
