#include "chain/start_model.h"

#include <filesystem>

#include "chain/file_pattern.h"
#include "chain/fitted_before.h"
#include "chain/session_outputs.h"
#include "model_files/model_files.h"
#include "models/shared_core.h"
#include "pruning/removal.h"
#include "tensor/error.h"

namespace secateur {

Model start_model(const Recipe& recipe, const Subject& subject, size_t target) {
  const int64_t neuron = subject.targets[target].neuron;
  const std::filesystem::path path = filled_in(recipe.start, subject.test.session, neuron);
  const Model whole = read_model(path);
  const Architecture& a = whole.architecture();
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kUsage, fmt::format("start: {} {}", path.filename().string(), what));
  };
  if (a.input != subject.input) {
    refuse(fmt::format("reads images of {} x {} with other means than the session's {} x {}",
                       a.input.height, a.input.width, subject.input.height, subject.input.width));
  }
  refuse_fitted_on_score(whole, path.filename().string(), subject);
  try {
    require_prunable(a);
  } catch (const Error& error) {
    refuse(fmt::format("cannot become a student: {}", error.what()));
  }
  if (a.readout.outputs == 1) return student_from_shared(whole, 0);
  const std::vector<int64_t> of_session = session_outputs(
      recipe.start_outputs, subject, a.readout.outputs, {"model to start from", "start_outputs"});
  if (neuron >= static_cast<int64_t>(of_session.size())) {
    refuse(fmt::format("has {} outputs for session {}, neuron {} is not among them",
                       of_session.size(), subject.test.session, neuron));
  }
  return student_from_shared(whole, of_session[static_cast<size_t>(neuron)]);
}

Architecture student_before_training(const Recipe& recipe, const Subject& subject, size_t target) {
  if (recipe.start.empty()) {
    const auto& filters = recipe.core.images > 0 ? recipe.core.filters : recipe.distill.filters;
    return student_architecture(filters, subject.input);
  }
  return start_model(recipe, subject, target).architecture();
}

}  // namespace secateur
