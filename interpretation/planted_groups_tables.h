#pragma once
// Groups and planted parts as JSON and as text.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "interpretation/planted_groups.h"

namespace secateur {

// {"groups": [...], "strongest": label, "parts": [{"label", "sign", "unexplained", "among_largest",
//  "above_chance", "ablation": {"group", "correlation", "chance"}, "patching": {...}}]}
void to_json(nlohmann::json& json, const PlantedGroups& groups);

// A line for each part, the strongest marked by "*".
std::string planted_groups_text(const PlantedGroups& groups);

}  // namespace secateur
