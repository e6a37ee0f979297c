#pragma once
// Rules on the text of a file.

#include <string>
#include <vector>

#include "tests/house/source_tree.h"

namespace secateur::house {

inline constexpr int64_t kColumns = 100;

// Each returns sentences "path:line: what is wrong", none when all is well.
std::vector<std::string> check_columns(const SourceFile& file);  // of UTF-8 characters
std::vector<std::string> check_marks(const SourceFile& file);    // unfinished work, machine paths
std::vector<std::string> check_name(const SourceFile& file);     // a name says what is inside
std::vector<std::string> check_once(const SourceFile& file);     // headers begin with #pragma once
// A source with a header of its name includes it first: so compiling the source shows that the
// header leans on nothing (cmake/HeadersAlone.cmake).
std::vector<std::string> check_own_header(const SourceFile& file, bool has_header);
// Tests run side by side: a file under a fixed name in the shared folder is a race.
std::vector<std::string> check_temporary(const SourceFile& file);

// Element floor(share * (n - 1)) of the ascending sizes: 0.5 is the (lower) median.
int64_t quantile(std::vector<int64_t> sizes, double share);

}  // namespace secateur::house
