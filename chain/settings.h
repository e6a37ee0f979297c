#pragma once
// The table of all settings: their keys, their meaning, where they stand in a recipe. Whatever
// reads or writes recipes goes by it.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "chain/recipe.h"

namespace secateur {

using SettingValue =
    std::variant<int64_t*, double*, std::string*, std::vector<int64_t>*, std::vector<std::string>*>;

struct Setting {
  std::string key;  // "distill.batch"
  SettingValue value;
  std::string help;
};

// The settings of a recipe, bound to its fields, in the order of the documentation.
std::vector<Setting> settings(Recipe& recipe);

// The whole recipe as TOML, with a comment for every setting.
std::string recipe_text(const Recipe& recipe);

// What decides the bits of a run: the recipe without the places of its files, of which the names
// stay, and without what belongs to the machine (run.*); and the same as JSON by setting,
// {"distill.batch": 64, ...}.
Recipe without_places(const Recipe& recipe);
nlohmann::json settings_without_places(const Recipe& recipe);

// The recipe with those settings left empty that say where files outside the run lie (recordings,
// teacher, start, images, published) and are not among `keys`.
Recipe with_places(const Recipe& recipe, const std::vector<std::string>& keys);

// The keys of the places that `recipe` has and `places` has not.
std::vector<std::string> missing_places(const Recipe& recipe, const Recipe& places);

}  // namespace secateur
