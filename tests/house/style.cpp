#include "tests/house/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>

namespace secateur::house {
namespace {

int64_t columns_of(const std::string& line) {
  return std::count_if(line.begin(), line.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// Split, so that this file does not hold what it forbids.
const std::regex& marks() {
  static const std::regex all(
      "\\bTO"
      "DO\\b|\\bFIX"
      "ME\\b|(^|[^\\w.])/(wo"
      "rk|tm"
      "p|ho"
      "me|ro"
      "ot)(/|\\b[^:\\w])");
  return all;
}

}  // namespace

std::vector<std::string> check_columns(const SourceFile& file) {
  std::vector<std::string> wrong;
  const std::vector<std::string> lines = lines_of(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    const int64_t columns = columns_of(lines[i]);
    if (columns <= kColumns) continue;
    wrong.push_back(fmt::format("{}:{}: {} columns", file.path, i + 1, columns));
  }
  return wrong;
}

std::vector<std::string> check_marks(const SourceFile& file) {
  std::vector<std::string> wrong;
  const std::vector<std::string> lines = lines_of(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, marks())) continue;
    wrong.push_back(fmt::format("{}:{}: {}", file.path, i + 1, match.str()));
  }
  return wrong;
}

std::vector<std::string> check_name(const SourceFile& file) {
  static const std::regex vague("utils?|common|misc|helpers?");
  static const std::regex snake("[a-z0-9]+(_[a-z0-9]+)*");
  const std::string stem = std::filesystem::path(file.path).stem().string();
  if (std::regex_match(stem, vague)) return {file.path + ": name the thing"};
  if (!std::regex_match(stem, snake)) return {file.path + ": wanted a name in snake_case"};
  return {};
}

std::vector<std::string> check_once(const SourceFile& file) {
  if (!file.path.ends_with(".h") || file.text.starts_with("#pragma once\n")) return {};
  return {file.path + ": wanted #pragma once on the first line"};
}

std::vector<std::string> check_own_header(const SourceFile& file, bool has_header) {
  static const std::regex first(R"re((^|\n)#include [<"]([^>"]*)[>"])re");
  if (!has_header || !file.path.ends_with(".cpp")) return {};
  const std::string own = file.path.substr(0, file.path.size() - 4) + ".h";
  std::smatch match;
  if (std::regex_search(file.text, match, first) && match[2] == own) return {};
  return {file.path + ": wanted its own header as the first include"};
}

std::vector<std::string> check_temporary(const SourceFile& file) {
  static const std::regex shared(R"(TempDir\(|temp_directory_path\(|tmpnam\()");
  // The scratch folder of an audit has a name that is drawn.
  if (file.path == "tests/temporary_folder.h" || file.path == "apps/verbs/audit.cpp") return {};
  std::vector<std::string> wrong;
  const std::vector<std::string> lines = lines_of(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!std::regex_search(lines[i], shared)) continue;
    wrong.push_back(fmt::format("{}:{}: wanted a TemporaryFolder", file.path, i + 1));
  }
  return wrong;
}

int64_t quantile(std::vector<int64_t> sizes, double share) {
  std::sort(sizes.begin(), sizes.end());
  return sizes.at(static_cast<size_t>(share * static_cast<double>(sizes.size() - 1)));
}

}  // namespace secateur::house
