#pragma once
// What a budget cost a run: which numbers it chose in the place of the recipe's own, and how much
// of it was taken.

#include <nlohmann/json.hpp>
#include <string>

#include "chain/recipe.h"
#include "chain/timings.h"

namespace secateur {

// Of a recipe with a budget: {"minutes", "settings"}, of which the latter is a list of
// {"setting", "recipe", "chosen"}, the numbers that the budget sets (chain/budget.h) and that this
// run reads, up to and with the stage `last`. `resolved` is the recipe as resolve() gave it.
nlohmann::json budget_account(const Recipe& recipe, const Recipe& resolved,
                              const std::string& last = "evaluate");

// "budget 20min: distill.images=259968 (the recipe has 100000), ..."
std::string budget_sentence(const std::string& budget, const nlohmann::json& account);

// Of a run that is finished: {"minutes_planned", "minutes_taken", "settings"}; null without an
// account. What was taken is what timings.json has, also of parts of the run that were stopped.
nlohmann::json budget_summary(const Timings& timings);

}  // namespace secateur
