#include "chain/budget_account.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "chain/budget.h"
#include "chain/settings.h"

namespace secateur {
namespace {

using nlohmann::json;

std::vector<std::string> settings_planned(const Recipe& recipe, bool teacher_alone) {
  std::vector<std::string> keys;
  if (recipe.teacher.empty() && recipe.trunk.empty()) {
    keys = {"teacher_training.steps", "teacher_training.epochs"};
  }
  if (recipe.teacher.empty() && !recipe.trunk.empty()) {
    keys = {"teacher_training.fine_tune", "teacher_training.fine_tune_steps"};
  }
  if (teacher_alone) return keys;
  if (recipe.core.images > 0) keys.emplace_back("core.images");
  keys.insert(keys.end(), {"distill.images", "distill.variants"});
  if (recipe.prune.criterion == "response") {
    keys.insert(keys.end(), {"prune.step", "prune.tune_images"});
  }
  keys.emplace_back("retrain.images");
  return keys;
}

}  // namespace

json budget_account(const Recipe& recipe, const Recipe& resolved, const std::string& last) {
  const json before = settings_without_places(recipe);
  const json after = settings_without_places(resolved);
  json changes = json::array();
  for (const std::string& key : settings_planned(recipe, last == kTeacherStage)) {
    changes.push_back({{"setting", key}, {"recipe", before.at(key)}, {"chosen", after.at(key)}});
  }
  return {{"minutes", budget_seconds(recipe.budget) / 60}, {"settings", changes}};
}

std::string budget_sentence(const std::string& budget, const json& account) {
  std::vector<std::string> chosen;
  for (const json& one : account.at("settings")) {
    const bool same = one.at("recipe") == one.at("chosen");
    chosen.push_back(
        fmt::format("{}={} ({})", one.at("setting").get<std::string>(), one.at("chosen").dump(),
                    same ? "as in the recipe" : "the recipe has " + one.at("recipe").dump()));
  }
  return fmt::format("budget {}: {}", budget, fmt::join(chosen, ", "));
}

json budget_summary(const Timings& timings) {
  if (timings.budget.is_null()) return nullptr;
  double seconds = timings.shared;
  for (const auto& [label, own] : timings.neurons) seconds += own;
  return {{"minutes_planned", timings.budget.at("minutes")},
          {"minutes_taken", seconds / 60},
          {"settings", timings.budget.at("settings")}};
}

}  // namespace secateur
