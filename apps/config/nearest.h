#pragma once
// The suggestion in messages about unknown names.

#include <string>
#include <vector>

namespace secateur {

// The name with the fewest insertions, deletions and substitutions (Levenshtein 1966) from `given`;
// empty when it takes more of them than a slip would: a third of the shorter word.
std::string near_name(const std::string& given, const std::vector<std::string>& names);

}  // namespace secateur
