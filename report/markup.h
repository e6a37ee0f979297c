#pragma once
// Text, numbers and pictures as HTML.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace secateur {

// What a missing number looks like.
inline constexpr const char* kDash = "\u2013";

// Safe between tags and inside quoted attributes. Bytes that are not UTF-8 become U+FFFD, and so do
// control characters that HTML does not allow.
std::string escaped(std::string_view text);

// "0.617"; a dash for null or anything that is no finite number.
std::string decimal(const nlohmann::json& value, int digits = 3);
// "1,934"; numbers that are not whole are rounded.
std::string whole(const nlohmann::json& value);
// "0.58 to 0.65" of {"low", "high"}; empty for null.
std::string interval_text(const nlohmann::json& interval);
// object[key], or null when it is not there.
const nlohmann::json& at_or_null(const nlohmann::json& object, const std::string& key);

std::string base64(std::string_view bytes);
// "data:image/png;base64,..."
std::string png_uri(std::string_view png_bytes);

// <section id="..."><h2>title</h2>body</section>, or nothing for an empty body.
std::string section(const std::string& id, const std::string& title, const std::string& body);

}  // namespace secateur
