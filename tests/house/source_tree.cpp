#include "tests/house/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace secateur::house {
namespace {

namespace fs = std::filesystem;

bool is_ours(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.starts_with(".") && !name.starts_with("build") &&
         !fs::exists(folder / "config.toml");
}

// Where the literal or comment that starts at `begin` ends, or `begin` when none starts there.
size_t end_of_quiet(std::string_view text, size_t begin) {
  const auto after = [&](std::string_view what, size_t from) {
    const size_t found = text.find(what, from);
    return found == std::string_view::npos ? text.size() : found + what.size();
  };
  const std::string_view rest = text.substr(begin);
  if (rest.starts_with("//")) return std::min(text.find('\n', begin), text.size());
  if (rest.starts_with("/*")) return after("*/", begin + 2);
  if (rest.starts_with("R\"")) {
    const size_t open = text.find('(', begin);
    if (open == std::string_view::npos) return text.size();
    return after(fmt::format("){}\"", text.substr(begin + 2, open - begin - 2)), open);
  }
  const bool digit_separator = rest[0] == '\'' && begin > 0 && std::isalnum(text[begin - 1]) != 0;
  if ((rest[0] != '"' && rest[0] != '\'') || digit_separator) return begin;
  size_t at = begin + 1;
  while (at < text.size() && text[at] != rest[0] && text[at] != '\n')
    at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

}  // namespace

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<SourceFile> source_files(const std::vector<std::string_view>& extensions) {
  const fs::path root = SECATEUR_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator();
       ++at) {
    if (at->is_directory()) {
      if (!is_ours(at->path())) at.disable_recursion_pending();
      continue;
    }
    const std::string extension = at->path().extension().string();
    if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end()) continue;
    files.push_back({fs::relative(at->path(), root).generic_string(), read_text(at->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<SourceFile> code_files() { return source_files({".h", ".cpp", ".inc"}); }

std::string folder_of(std::string_view path) {
  const size_t slash = path.find('/');
  return std::string(slash == std::string_view::npos ? "" : path.substr(0, slash));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string code_only(std::string_view text) {
  std::string code(text);
  for (size_t at = 0; at < text.size();) {
    const size_t end = end_of_quiet(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    for (; at < end; ++at) {
      if (code[at] != '\n') code[at] = ' ';
    }
  }
  return code;
}

}  // namespace secateur::house
