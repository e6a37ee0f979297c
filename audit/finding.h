#pragma once
// What an audit has found.

#include <string>
#include <vector>

namespace secateur {

enum class FindingState { kSame, kDiffers, kNotChecked };
const char* name_of(FindingState state);  // "same", "differs", "not_checked"

struct Finding {
  std::string what;  // "recipe", "code", "stages", "files", "inputs", "neurons", "ledger", "again"
  FindingState state = FindingState::kSame;
  std::string details;  // for people; of a difference the sentence that names it, of what was not
                        // checked the reason
};
using Findings = std::vector<Finding>;

// The first that differs; null when none does.
const Finding* first_that_differs(const Findings& findings);

}  // namespace secateur
