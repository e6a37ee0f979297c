#pragma once
// JSON from a file, strictly: one document, no comments, no repeated keys, no numbers beyond
// double, a bounded depth.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace secateur {

// `file` names the source in the Error(kBadInput). The size of the text is the caller's to bound.
nlohmann::json parse_json(std::string_view text, const std::string& file, int depth_cap = 32);

// Keys sorted, no spaces: the same bytes for the same value. Text that is not UTF-8 is
// Error(kBadInput) naming `file`.
std::string json_text(const nlohmann::json& value, const std::string& file);

}  // namespace secateur
