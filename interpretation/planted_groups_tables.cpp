#include "interpretation/planted_groups_tables.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "interpretation/ablation_tables.h"

namespace secateur {

namespace {

using nlohmann::json;

json match_json(const GroupMatch& match) {
  return {{"group", match.group}, {"correlation", match.correlation}, {"chance", match.chance}};
}

json planted_part_json(const PlantedPartGroups& part) {
  return {{"label", part.label},
          {"sign", part.sign},
          {"unexplained", part.unexplained},
          {"among_largest", part.among_largest},
          {"above_chance", part.above_chance},
          {"ablation", match_json(part.ablation)},
          {"patching", match_json(part.patching)}};
}

}  // namespace

void to_json(json& j, const PlantedGroups& groups) {
  j = {{"groups", groups.groups},
       {"strongest", groups.parts.at(groups.strongest).label},
       {"parts", json::array()}};
  for (const PlantedPartGroups& part : groups.parts) j["parts"].push_back(planted_part_json(part));
}

std::string planted_groups_text(const PlantedGroups& groups) {
  std::string text = fmt::format("{} groups\n{:<30} {:>4} {:>22} {:>22}\n", groups.groups.size(),
                                 "  part", "sign", "ablation (chance)", "patching (chance)");
  for (size_t p = 0; p < groups.parts.size(); ++p) {
    const PlantedPartGroups& part = groups.parts[p];
    const auto match = [](const GroupMatch& m) {
      return fmt::format("group {} {:.2f} ({:.2f})", m.group + 1, m.correlation, m.chance);
    };
    text += fmt::format("{} {:<28} {:>4} {:>22} {:>22}{}{}\n", p == groups.strongest ? "*" : " ",
                        part.label, part.sign > 0 ? "+" : "-", match(part.ablation),
                        match(part.patching), part.among_largest ? "  among the largest" : "",
                        part.above_chance ? ", above chance" : "");
  }
  return text;
}

}  // namespace secateur
