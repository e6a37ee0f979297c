#pragma once
// The rules of dependence: which folder may include which, who may include a library from outside,
// and who may print or end the program. CONTRIBUTING.md says them in words.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_tree.h"

namespace secateur::house {

using Arrows = std::map<std::string, std::set<std::string>>;

// folder -> the folders that it may include besides itself.
const Arrows& arrows();

// The rooms of ops/ that are no operations, but code of several: room -> the rooms that it may use
// besides itself. Every operation may use them all.
const Arrows& shared_rooms();

// Each returns sentences "path:line: what is wrong", none when all is well. `path` decides what the
// text may do, so that made-up files can be checked too.
std::vector<std::string> check_includes(const SourceFile& file);
std::vector<std::string> check_quiet(const SourceFile& file);  // prints and exits

// The rooms that cmake/Folders.cmake leaves out of the list of operations.
std::set<std::string> rooms_left_out(std::string_view cmake);

// The arrows that CMakeLists.txt links: lines secateur_folder(<folder> LINKS ... PRIVATE ...).
Arrows linked_folders(std::string_view cmake);

}  // namespace secateur::house
