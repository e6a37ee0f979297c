#pragma once
// The rule on what a file uses from outside the house. Libraries, verbs and benchmarks are compiled
// with precompiled headers, where a forgotten include is not missed.

#include <string>
#include <vector>

#include "tests/house/source_tree.h"

namespace secateur::house {

// What comes from a header of the standard library, of fmt or of nlohmann that neither the file nor
// a header of ours below it includes: "path: std::map without <map>". `all` holds the headers of
// ours.
std::vector<std::string> check_outside_names(const SourceFile& file,
                                             const std::vector<SourceFile>& all);

}  // namespace secateur::house
