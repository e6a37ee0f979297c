#pragma once

#include <string>

#include "apps/verbs/verbs.h"

namespace secateur {

struct CheckVerb {
  std::string folder;
  std::string plot;  // .svg to write; empty: none
};

// Says what is there and what is wrong with it. Throws Error(kBadInput) for recordings that cannot
// be read; of pictures that cannot be, all are named (ten of them), not the first.
int check_recordings(const CheckVerb& options, const CommonOptions& common);

}  // namespace secateur
