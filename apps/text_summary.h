#pragma once
// The results of a run as text for a terminal.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace secateur {

std::string text_summary(const nlohmann::json& results);

// teacher/scores.json (chain/teacher_scores.h) as text.
std::string teacher_table(const nlohmann::json& scores);

}  // namespace secateur
