#pragma once
// The source tree as the house tests read it.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace secateur::house {

struct SourceFile {
  std::string path;  // from the root, with forward slashes: "ops/relu/relu.h"
  std::string text;
};

// Every file of the house with one of these extensions (".h"), sorted by path: all folders but
// build*, hidden ones and run directories (those that hold a config.toml).
std::vector<SourceFile> source_files(const std::vector<std::string_view>& extensions);
std::vector<SourceFile> code_files();  // .h, .cpp and .inc

std::string read_text(const std::filesystem::path& path);

// "ops" of "ops/relu/relu.h"; "" of a file in the root.
std::string folder_of(std::string_view path);

std::vector<std::string> lines_of(std::string_view text);

// The text with comments and the insides of literals blanked out; lines stay where they are.
std::string code_only(std::string_view text);

}  // namespace secateur::house
