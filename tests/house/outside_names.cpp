#include "tests/house/outside_names.h"

#include <fmt/format.h>

#include <cctype>
#include <map>
#include <set>
#include <string_view>

namespace secateur::house {
namespace {

using Names = std::set<std::string>;

// What the header brings of a namespace; no name: all of it.
struct Header {
  const char* name;
  const char* space;
  Names brings;
};

const std::vector<Header>& headers() {
  static const std::vector<Header> list = {
      {"algorithm",
       "std",
       {"all_of",      "any_of",      "binary_search", "clamp",     "copy",        "copy_n",
        "count",       "count_if",    "equal",         "fill",      "fill_n",      "find",
        "find_if",     "generate",    "lower_bound",   "max",       "max_element", "min",
        "min_element", "none_of",     "ranges",        "remove_if", "reverse",     "rotate",
        "sort",        "stable_sort", "transform",     "unique",    "upper_bound"}},
      {"array", "std", {"array"}},
      {"cmath",
       "std",
       {"ceil", "cos", "exp", "floor", "hypot", "isfinite", "isnan", "llround", "log", "log10",
        "log2", "lround", "nextafter", "pow", "round", "sin", "sqrt", "tanh"}},
      {"filesystem", "std", {"filesystem"}},
      {"functional", "std", {"bind_front", "function", "greater", "less", "plus"}},
      {"map", "std", {"map", "multimap"}},
      {"memory", "std", {"make_shared", "make_unique", "shared_ptr", "unique_ptr"}},
      {"optional", "std", {"nullopt", "optional"}},
      {"set", "std", {"set"}},
      {"span", "std", {"span"}},
      {"string", "std", {"string", "to_string"}},
      {"string_view", "std", {"string_view"}},
      {"vector", "std", {"vector"}},
      {"fmt/format.h", "fmt", {}},
      {"nlohmann/json", "nlohmann", {"json"}},
  };
  return list;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view word_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}

// Every "space::name" of the text.
std::set<std::pair<std::string, std::string>> used_names(std::string_view code) {
  std::set<std::pair<std::string, std::string>> used;
  for (size_t at = 0; (at = code.find("::", at)) != std::string_view::npos; at += 2) {
    size_t begin = at;
    while (begin > 0 && is_word(code[begin - 1])) --begin;
    if (begin > 0 && code[begin - 1] == ':') continue;  // within another space
    used.emplace(code.substr(begin, at - begin), word_at(code, at + 2));
  }
  return used;
}

std::vector<std::string> included_by(const SourceFile& file) {
  std::vector<std::string> names;
  for (const std::string& line : lines_of(file.text)) {
    if (!line.starts_with("#include ")) continue;
    names.push_back(line.substr(10, line.find_last_of(">\"") - 10));
  }
  return names;
}

void add_all_below(const SourceFile& file, const std::map<std::string, const SourceFile*>& ours,
                   std::set<std::string>& included) {
  for (const std::string& name : included_by(file)) {
    if (!included.insert(name).second) continue;
    if (const auto header = ours.find(name); header != ours.end()) {
      add_all_below(*header->second, ours, included);
    }
  }
}

bool includes(const std::set<std::string>& included, const std::string& header) {
  return included.count(header) + included.count(header + ".hpp") +
             included.count(header + "_fwd.hpp") >
         0;
}

}  // namespace

std::vector<std::string> check_outside_names(const SourceFile& file,
                                             const std::vector<SourceFile>& all) {
  std::map<std::string, const SourceFile*> ours;
  for (const SourceFile& one : all) ours[one.path] = &one;
  std::set<std::string> included;
  add_all_below(file, ours, included);
  std::vector<std::string> wrong;
  for (const auto& [space, name] : used_names(code_only(file.text))) {
    for (const Header& header : headers()) {
      const bool brings =
          header.space == space && (header.brings.empty() || header.brings.count(name) > 0);
      if (!brings || includes(included, header.name)) continue;
      wrong.push_back(fmt::format("{}: {}::{} without <{}>", file.path, space, name, header.name));
    }
  }
  return wrong;
}

}  // namespace secateur::house
