#pragma once
// Recipes as people write them: TOML files, and key=value on the command line.

#include <string>
#include <vector>

#include "chain/recipe.h"
#include "chain/run_directory.h"

namespace secateur {

// Reads TOML text over what the recipe holds; `name` stands in messages. Throws Error(kUsage) for
// an unknown key (naming the nearest one), a value of the wrong type, or text that is not TOML,
// with its line.
void read_recipe_text(const std::string& text, const std::string& name, Recipe& recipe);

// "distill.batch=32". The value is read as TOML, or, where a string is wanted, as it stands.
void apply_override(const std::string& assignment, Recipe& recipe);

// Several; Error(kUsage) when two set the same.
void apply_overrides(const std::vector<std::string>& assignments, Recipe& recipe);

// The resolved recipe of a run, its config.toml.
Recipe read_config(const RunDirectory& run);

}  // namespace secateur
