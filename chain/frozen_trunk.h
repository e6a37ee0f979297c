#pragma once
// trunk=FILE with weights of ResNet-50: a trunk that stays in its file, while the run's members are
// readouts on it (training/trunk_member.h). Other files are models, whose layers a member takes
// over (given_trunk() of materials.h).

#include <filesystem>
#include <memory>
#include <string>

#include "chain/recipe.h"
#include "models/architecture.h"
#include "models/trunk.h"

namespace secateur {

// Whether the run's member of this number, from 0, reads such a trunk.
bool on_frozen_trunk(const Recipe& recipe, int64_t member);

// That trunk, as it looks at images of `images`; it sees recipe.trunk_pixels a side.
std::shared_ptr<const Trunk> frozen_trunk(const Recipe& recipe, int64_t member,
                                          const InputSpec& images);
// Of weights in a file; it sees `pixels` a side.
std::shared_ptr<const Trunk> frozen_trunk(const std::string& weights, int64_t pixels,
                                          const InputSpec& images);

// Whether the file is a readout on such a trunk, of a run's teacher, and not a model.
bool holds_trunk_member(const std::filesystem::path& file);

// Of ResNet-50 up to where it is cut, all arrays of its file counted.
int64_t frozen_trunk_parameters();

}  // namespace secateur
