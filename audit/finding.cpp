#include "audit/finding.h"

#include <algorithm>

namespace secateur {

const char* name_of(FindingState state) {
  switch (state) {
    case FindingState::kSame:
      return "same";
    case FindingState::kDiffers:
      return "differs";
    case FindingState::kNotChecked:
      break;
  }
  return "not_checked";
}

const Finding* first_that_differs(const Findings& findings) {
  const auto found = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.state == FindingState::kDiffers;
  });
  return found == findings.end() ? nullptr : &*found;
}

}  // namespace secateur
