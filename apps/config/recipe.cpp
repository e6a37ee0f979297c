#include "apps/config/recipe.h"

#include <toml++/toml.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "apps/config/nearest.h"
#include "tensor/error.h"

namespace secateur {
namespace {

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> what, Args&&... args) {
  throw Error(ErrorKind::kUsage, fmt::format(what, std::forward<Args>(args)...));
}

template <class T>
std::vector<T> list_of(const toml::node& node, const Setting& setting, const std::string& file) {
  std::vector<T> list;
  if (node.is_array()) {
    for (const toml::node& element : *node.as_array()) {
      const std::optional<T> value = element.value_exact<T>();
      if (!value) refuse("{}: {} has an element of the wrong type", file, setting.key);
      list.push_back(*value);
    }
    return list;
  }
  const std::optional<T> one = node.value_exact<T>();
  if (!one) refuse("{}: {} wants a list", file, setting.key);
  return {*one};
}

struct Assign {
  const toml::node& node;
  const Setting& setting;
  const std::string& file;

  void operator()(int64_t* to) const {
    const auto value = node.value_exact<int64_t>();
    if (!value) refuse("{}: {} wants a whole number", file, setting.key);
    *to = *value;
  }
  void operator()(double* to) const {
    const auto value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !std::isfinite(*value)) refuse("{}: {} wants a number", file, setting.key);
    *to = *value;
  }
  void operator()(std::string* to) const {
    const auto value = node.value_exact<std::string>();
    if (!value) refuse("{}: {} wants a text in quotes", file, setting.key);
    *to = *value;
  }
  void operator()(std::vector<int64_t>* to) const { *to = list_of<int64_t>(node, setting, file); }
  void operator()(std::vector<std::string>* to) const {
    *to = list_of<std::string>(node, setting, file);
  }
};

void assign(const std::string& key, const toml::node& node, const std::string& file,
            std::vector<Setting>& all) {
  for (const Setting& setting : all) {
    if (setting.key == key) return std::visit(Assign{node, setting, file}, setting.value);
  }
  std::vector<std::string> names;
  for (const Setting& setting : all) names.push_back(setting.key);
  refuse("{}: unknown key '{}'; did you mean '{}'?", file, key, nearest_name(key, names));
}

void assign_table(const std::string& prefix, const toml::table& table, const std::string& file,
                  std::vector<Setting>& all) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (node.is_table()) {
      assign_table(name + ".", *node.as_table(), file, all);
    } else {
      assign(name, node, file, all);
    }
  }
}

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

}  // namespace

void read_recipe_text(const std::string& text, const std::string& name, Recipe& recipe) {
  std::vector<Setting> all = settings(recipe);
  try {
    assign_table("", toml::parse(text), name, all);
  } catch (const toml::parse_error& error) {
    refuse("{}: line {}: {}", name, error.source().begin.line, error.description());
  }
}

void apply_override(const std::string& assignment, Recipe& recipe) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse("wanted key=value, got '{}'", assignment);
  }
  const std::string key = assignment.substr(0, equals);
  const std::string value = assignment.substr(equals + 1);
  std::vector<Setting> all = settings(recipe);
  for (const Setting& setting : all) {
    if (setting.key == key && std::holds_alternative<std::string*>(setting.value)) {
      *std::get<std::string*>(setting.value) = value;
      return;
    }
    // One path or name may stand for a list of one.
    if (setting.key == key && std::holds_alternative<std::vector<std::string>*>(setting.value) &&
        !value.starts_with('[')) {
      *std::get<std::vector<std::string>*>(setting.value) = {value};
      return;
    }
  }
  try {
    const toml::table table = toml::parse("value = " + value);
    assign(key, *table.get("value"), "command line", all);
  } catch (const toml::parse_error&) {
    const toml::value<std::string> text(value);
    assign(key, text, "command line", all);
  }
}

Recipe without_places(const Recipe& recipe) {
  const auto name_of = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  Recipe same = recipe;
  same.recordings.clear();
  for (std::string* path : {&same.teacher, &same.start, &same.published}) *path = name_of(*path);
  for (std::string& path : same.images) path = name_of(path);
  same.run = Recipe::Run();
  return same;
}

nlohmann::json settings_without_places(const Recipe& recipe) {
  Recipe same = without_places(recipe);
  nlohmann::json values = nlohmann::json::object();
  for (const Setting& setting : settings(same)) {
    values[setting.key] =
        std::visit([](const auto* v) { return nlohmann::json(*v); }, setting.value);
  }
  return values;
}

std::string write_recipe(const Recipe& recipe) {
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

double budget_seconds(const std::string& budget) {
  if (budget.empty()) return 0;
  double number = 0;
  const char* const end = budget.data() + budget.size();
  const auto [rest, error] = std::from_chars(budget.data(), end, number);
  const std::string unit(rest, end);
  const double scale = unit == "s" || unit == "sec"   ? 1
                       : unit == "min" || unit == "m" ? 60
                       : unit == "h"                  ? 3600
                                                      : 0;
  if (error != std::errc() || scale == 0 || !(number > 0) || number * scale > 1e9) {
    refuse("wanted a budget such as 20min, 90s or 1.5h, got '{}'", budget);
  }
  return number * scale;
}

}  // namespace secateur
