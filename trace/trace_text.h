#pragma once
// Traces (parameter_trace.h) for people.

#include <nlohmann/json.hpp>
#include <string>

namespace secateur {

// A short table.
std::string trace_table(const nlohmann::json& parameter);
std::string filter_table(const nlohmann::json& filter);
// The same in sentences that a student can follow, with the numbers of this parameter.
std::string trace_story(const nlohmann::json& parameter);

}  // namespace secateur
