#include "apps/config/recipe_toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "apps/config/nearest.h"
#include "chain/settings.h"
#include "formats/byte_reader.h"
#include "formats/input_file.h"
#include "tensor/error.h"

namespace secateur {
namespace {

constexpr size_t kLongestText = size_t{1} << 20;
constexpr size_t kLongestLine = size_t{1} << 14;  // bounds how deep a key of many parts nests
constexpr int64_t kMostDots = 2;

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> what, Args&&... args) {
  throw Error(ErrorKind::kUsage, fmt::format(what, std::forward<Args>(args)...));
}

bool is_text(const std::string& bytes) {
  using nlohmann::json;
  const std::string text = json(bytes).dump(-1, ' ', false, json::error_handler_t::replace);
  return json::parse(text).get_ref<const std::string&>() == bytes;
}

std::string shown(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return printable(*text);
  std::ostringstream text;
  node.visit([&](const auto& value) { text << value; });
  const std::string quoted = printable(text.str());  // which bounds it
  return quoted.substr(1, quoted.size() - 2);
}

template <class T>
std::vector<T> list_of(const toml::node& node, const Setting& setting, const std::string& file) {
  std::vector<T> list;
  if (node.is_array()) {
    for (const toml::node& element : *node.as_array()) {
      const std::optional<T> value = element.value_exact<T>();
      if (!value)
        refuse("{}: {} has an element of the wrong type, {}", file, setting.key, shown(element));
      list.push_back(*value);
    }
    return list;
  }
  const std::optional<T> one = node.value_exact<T>();
  if (!one) refuse("{}: {} wants a list, got {}", file, setting.key, shown(node));
  if constexpr (std::is_same_v<T, std::string>) {
    if (one->empty()) return {};  // names nothing
  }
  return {*one};
}

struct Assign {
  const toml::node& node;
  const Setting& setting;
  const std::string& file;

  void operator()(int64_t* to) const {
    const auto value = node.value_exact<int64_t>();
    if (!value) refuse("{}: {} wants a whole number, got {}", file, setting.key, shown(node));
    *to = *value;
  }
  void operator()(double* to) const {
    const auto value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !std::isfinite(*value)) {
      refuse("{}: {} wants a number, got {}", file, setting.key, shown(node));
    }
    *to = *value;
  }
  void operator()(std::string* to) const {
    const auto value = node.value_exact<std::string>();
    if (!value) refuse("{}: {} wants a text in quotes, got {}", file, setting.key, shown(node));
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
  const std::string near = near_name(key, names);
  refuse("{}: unknown key {}; {}", file, printable(key),
         near.empty() ? "`secateur settings` lists them all"
                      : fmt::format("did you mean '{}'?", near));
}

// A key of many parts nests a table in each: what has more than settings have is not looked into.
void assign_table(const std::string& prefix, const toml::table& table, const std::string& file,
                  std::vector<Setting>& all) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (node.is_table()) {
      if (std::count(name.begin(), name.end(), '.') > kMostDots) {
        refuse("{}: unknown key {}; `secateur settings` lists them all", file, printable(name));
      }
      assign_table(name + ".", *node.as_table(), file, all);
    } else {
      assign(name, node, file, all);
    }
  }
}

}  // namespace

void read_recipe_text(const std::string& text, const std::string& name, Recipe& recipe) {
  if (text.size() > kLongestText) {
    refuse("{} has {} bytes, wanted at most {}", name, text.size(), kLongestText);
  }
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > kLongestLine) {
      refuse("{} has a line of {} bytes, wanted at most {}", name, end - begin, kLongestLine);
    }
    begin = end + 1;
  }
  std::vector<Setting> all = settings(recipe);
  try {
    assign_table("", toml::parse(text), name, all);
  } catch (const toml::parse_error& error) {
    refuse("{}: line {}: {}", name, error.source().begin.line, error.description());
  }
}

// "[a, b]" as a shell leaves of ["a", "b"]; one path or name stands for a list of one.
std::vector<std::string> unquoted_list(const std::string& value) {
  if (value.empty()) return {};
  if (!value.starts_with('[') || !value.ends_with(']')) return {value};
  std::vector<std::string> list;
  for (size_t begin = 1; begin < value.size();) {
    const size_t end = std::min(value.find(',', begin), value.size() - 1);
    const size_t first = value.find_first_not_of(' ', begin);
    if (first < end) {
      list.push_back(value.substr(first, value.find_last_not_of(' ', end - 1) + 1 - first));
    }
    begin = end + 1;
  }
  return list;
}

void apply_override(const std::string& assignment, Recipe& recipe) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse("wanted key=value, got {}", printable(assignment));
  }
  const std::string key = assignment.substr(0, equals);
  const std::string value = assignment.substr(equals + 1);
  // What config.toml could not hold, or read back.
  if (assignment.size() > kLongestLine || !is_text(value)) {
    refuse("wanted at most {} bytes of UTF-8 for {}, got {}", kLongestLine, printable(key),
           printable(value));
  }
  std::vector<Setting> all = settings(recipe);
  for (const Setting& setting : all) {
    if (setting.key == key && std::holds_alternative<std::string*>(setting.value)) {
      *std::get<std::string*>(setting.value) = value;
      return;
    }
    if (setting.key == key && std::holds_alternative<std::vector<std::string>*>(setting.value) &&
        (!value.starts_with('[') || value.find_first_of("\"'") == std::string::npos)) {
      *std::get<std::vector<std::string>*>(setting.value) = unquoted_list(value);
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

void apply_overrides(const std::vector<std::string>& assignments, Recipe& recipe) {
  std::map<std::string, std::string> given;
  for (const std::string& assignment : assignments) {
    const auto [before, is_new] =
        given.emplace(assignment.substr(0, assignment.find('=')), assignment);
    if (!is_new) {
      refuse("wanted a setting once, got {} and {}", printable(before->second),
             printable(assignment));
    }
    apply_override(assignment, recipe);
  }
}

Recipe read_config(const RunDirectory& run) {
  constexpr int64_t kConfigCap = 1 << 20;
  const std::filesystem::path file = run.file("config.toml");
  Recipe recipe;
  read_recipe_text(read_file(file, kConfigCap), file.string(), recipe);
  return recipe;
}

}  // namespace secateur
