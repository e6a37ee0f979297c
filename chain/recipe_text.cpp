// Recipes as text and JSON, by the table of settings.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "chain/settings.h"

namespace secateur {
namespace {

struct Write {
  std::string operator()(const int64_t* v) const { return fmt::format("{}", *v); }
  std::string operator()(const double* v) const {
    const std::string text = fmt::format("{}", *v);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string* v) const { return quoted(*v); }
  std::string operator()(const std::vector<int64_t>* v) const {
    return fmt::format("[{}]", fmt::join(*v, ", "));
  }
  std::string operator()(const std::vector<std::string>* v) const {
    std::vector<std::string> texts;
    for (const std::string& text : *v) texts.push_back(quoted(text));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
  static std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') result += '\\';
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {  // TOML allows neither as they are
        result += fmt::format("\\u{:04x}", static_cast<int>(c));
      } else {
        result += c;
      }
    }
    return result + "\"";
  }
};

nlohmann::json values_of(Recipe recipe) {
  nlohmann::json values = nlohmann::json::object();
  for (const Setting& setting : settings(recipe)) {
    values[setting.key] =
        std::visit([](const auto* v) { return nlohmann::json(*v); }, setting.value);
  }
  return values;
}

// The settings that say where files outside the run lie.
constexpr std::array<const char*, 6> kPlaces = {"recordings", "teacher", "trunk",
                                                "start",      "images",  "published"};

}  // namespace

Recipe without_places(const Recipe& recipe) {
  const auto name_of = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  Recipe same = recipe;
  same.recordings.clear();
  for (std::string* path : {&same.start, &same.published}) *path = name_of(*path);
  for (std::vector<std::string>* paths : {&same.images, &same.teacher, &same.trunk}) {
    for (std::string& path : *paths) path = name_of(path);
  }
  same.run = Recipe::Run();
  return same;
}

Recipe with_places(const Recipe& recipe, const std::vector<std::string>& keys) {
  Recipe some = recipe;
  for (const Setting& setting : settings(some)) {
    const bool place = std::ranges::count(kPlaces, setting.key) > 0;
    const bool no_file = setting.key == "start" && starts_from_teacher(recipe);
    if (!place || no_file || std::ranges::count(keys, setting.key) > 0) continue;
    std::visit([](auto* value) { *value = {}; }, setting.value);
  }
  return some;
}

std::vector<std::string> missing_places(const Recipe& recipe, const Recipe& places) {
  std::vector<std::string> missing;
  const nlohmann::json all = values_of(recipe);
  const nlohmann::json some = values_of(places);
  for (const char* key : kPlaces) {
    if (all.at(key) != some.at(key)) missing.push_back(key);
  }
  return missing;
}

nlohmann::json settings_without_places(const Recipe& recipe) {
  return values_of(without_places(recipe));
}

std::string recipe_text(const Recipe& recipe) {
  Recipe copy = recipe;
  std::string text;
  std::string section;
  for (const Setting& setting : settings(copy)) {
    const size_t dot = setting.key.find('.');
    const std::string here = dot == std::string::npos ? "" : setting.key.substr(0, dot);
    if (here != section) {
      text += fmt::format("\n[{}]\n", here);
      section = here;
    }
    text += fmt::format("# {}\n{} = {}\n", setting.help,
                        dot == std::string::npos ? setting.key : setting.key.substr(dot + 1),
                        std::visit(Write{}, setting.value));
  }
  return text;
}

}  // namespace secateur
