#include "chain/fine_tuning.h"

#include <algorithm>
#include <filesystem>

#include "chain/budget.h"
#include "chain/frozen_trunk.h"
#include "model_files/model_files.h"
#include "tensor/error.h"

namespace secateur {
namespace {

[[noreturn]] void cannot_always(const std::string& why) {
  throw Error(ErrorKind::kUsage, "teacher_training.fine_tune=always: " + why);
}

}  // namespace

bool fine_tunes(const Recipe& recipe, const Subject& subject, int64_t member) {
  const std::string& when = recipe.teacher_training.fine_tune;
  if (recipe.trunk.empty() || when == "never" || on_frozen_trunk(recipe, member)) return false;
  if (when == "always") return true;
  const SessionData& target = subject.teacher_sessions.back();
  return target.set->images().count() >= kManyImages && lack_for_fine_tuning(target).empty();
}

void require_fine_tuning(const Recipe& recipe, const Subject& subject) {
  if (recipe.teacher_training.loss == "poisson" && !recipe.trunk.empty()) {
    bool any = false;
    for (size_t i = 0; i < recipe.trunk.size(); ++i) {
      any = any || fine_tunes(recipe, subject, static_cast<int64_t>(i));
    }
    if (!any) {
      throw Error(ErrorKind::kUsage,
                  "teacher_training.loss=poisson: readouts on a trunk are fitted in closed form, "
                  "and nothing is trained further here that would know this loss");
    }
  }
  if (recipe.teacher_training.fine_tune != "always") return;
  if (recipe.trunk.empty()) {
    cannot_always("wanted trunk=FILE, a network that was trained before, to train further");
  }
  for (size_t i = 0; i < recipe.trunk.size(); ++i) {
    if (!on_frozen_trunk(recipe, static_cast<int64_t>(i))) continue;
    cannot_always(fmt::format("{} has weights of ResNet-50, which stay as they are in their file",
                              std::filesystem::path(recipe.trunk[i]).filename().string()));
  }
  const std::string lack = lack_for_fine_tuning(subject.teacher_sessions.back());
  if (!lack.empty()) cannot_always(lack);
}

double plan_fine_tuning(Recipe& recipe, const Subject& subject, double seconds) {
  // The trial and, on the images that it did without too, the model that is kept; scores.
  constexpr double kTimes = 2.7;
  auto& t = recipe.teacher_training;
  double cost = 0;  // of a step of every member
  for (size_t i = 0; i < recipe.trunk.size(); ++i) {
    if (!fine_tunes(recipe, subject, static_cast<int64_t>(i))) continue;
    Architecture tuned = read_model(recipe.trunk[i]).architecture();
    tuned.readout = {.kind = ReadoutKind::kFactorised, .outputs = subject.test.neurons};
    cost += kTimes * static_cast<double>(t.batch) * step_cost(tuned, t.batch, kAdam);
  }
  if (cost == 0) return 0;
  const auto affordable = static_cast<int64_t>(seconds / cost);
  if (affordable < kFewestSteps && t.fine_tune == "auto") {
    t.fine_tune = "never";
    return 0;
  }
  t.fine_tune_steps = std::clamp<int64_t>(affordable, 1, t.fine_tune_steps);
  return cost * static_cast<double>(t.fine_tune_steps);
}

nlohmann::json record_of(const FineTuned& tuned) {
  return {{"kept", tuned.model.has_value()},
          {"images", tuned.images},
          {"mean_r2", tuned.r2},
          {"mean_r2_readout", tuned.r2_readout},
          {"steps", tuned.steps}};
}

std::string sentence_of(const FineTuned& tuned) {
  return fmt::format(
      "trained further on the session: mean r2 {:.4f} after {} steps, {:.4f} of the readout alone, "
      "on {} images that neither was fitted on; {}",
      tuned.r2, tuned.steps, tuned.r2_readout, tuned.images,
      tuned.model ? "the tuned network is taken" : "the readout alone is taken");
}

}  // namespace secateur
