#pragma once
// JSON from a file, strictly: one document, no comments, no repeated keys, no numbers beyond
// double, of bounded depth and size. tensor/json_field.h reads what is in it.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace secateur {

struct JsonCaps {
  int64_t depth = 32;                 // of nested lists and objects
  int64_t values = int64_t{1} << 22;  // in all: numbers, texts, lists, objects, ...
};

// In time that grows with the length of the text and nothing else; what is over a cap is refused
// when it is met. `file` names the source in the Error(kBadInput), which says the line and byte of
// what is no JSON. The length of the text is the caller's to bound.
nlohmann::json parse_json(std::string_view text, const std::string& file,
                          const JsonCaps& caps = {});

// Keys sorted, no spaces: the same bytes for the same value. Text that is not UTF-8 is
// Error(kBadInput) naming `file`.
std::string json_text(const nlohmann::json& value, const std::string& file);

}  // namespace secateur
