#pragma once
// A training step of a student, stage by stage: what each costs in operations and bytes, and what
// it takes.

#include <string>
#include <vector>

#include "models/architecture.h"

namespace secateur {

struct StageTime {
  std::string name;
  double multiply_adds = 0;  // per image
  double bytes = 0;          // per image, that have to be read or written once
  double seconds = 0;        // per image, median over the repeats
};

// Forward and backward of every operation of the network at this batch size, in the order of the
// forward pass. Inputs are drawn at random; values and gradients are those of the real shapes.
std::vector<StageTime> time_stages(const Architecture& student, int64_t batch, int64_t repeats);

}  // namespace secateur
