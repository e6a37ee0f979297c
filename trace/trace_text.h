#pragma once
// Traces (parameter_trace.h) for people.

#include <nlohmann/json.hpp>
#include <string>

namespace secateur {

// "the chain holds: 9 of 9 links were compared", or how many did not hold or were not checked.
std::string links_sentence(int64_t held, int64_t broken, int64_t not_checked);

// A short table.
std::string trace_table(const nlohmann::json& parameter);
std::string filter_table(const nlohmann::json& filter);
// The same in sentences that a student can follow, with the numbers of this parameter.
std::string trace_story(const nlohmann::json& parameter);

}  // namespace secateur
