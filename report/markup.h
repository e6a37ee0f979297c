#pragma once
// Text, numbers and pictures as HTML.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace secateur {

// What a missing number looks like.
inline constexpr const char* kDash = "\u2013";

// Safe between tags and inside quoted attributes. Bytes that are not UTF-8 become U+FFFD, and so do
// control characters that HTML does not allow.
std::string escaped(std::string_view text);
// The same between tags for names of files: a line may end after "_" and before ".".
std::string breakable(std::string_view name);

// "0.617"; a dash for null or anything that is no finite number.
std::string decimal(const nlohmann::json& value, int digits = 3);
// The same for accuracies, which may be far outside of what can be drawn: "-8e+26".
std::string score_text(const nlohmann::json& value);
// "1,934"; numbers that are not whole are rounded.
std::string whole(const nlohmann::json& value);
// "0.58 to 0.65" of {"low", "high"}; empty for null.
std::string interval_text(const nlohmann::json& interval);
// object[key], or null when it is not there.
const nlohmann::json& at_or_null(const nlohmann::json& object, const std::string& key);

std::string base64(std::string_view bytes);
// <section> with its heading; `title` is text without markup, `body` HTML.
std::string section_html(const std::string& id, const std::string& title, const std::string& body);

// "data:image/png;base64,..."
std::string png_uri(std::string_view png_bytes);
std::string jpeg_uri(std::string_view jpeg_bytes);

// Cells of a table in columns. A column whose cells are all empty (or a dash) is left out.
struct TableColumn {
  std::string title;  // HTML
  bool text = false;  // to the left; else numbers, to the right
};
struct TableCell {
  std::string html;
  nlohmann::json sort = nullptr;  // what the page's script sorts by: a number or a text
};
std::string table_html(const std::string& name, const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<TableCell>>& rows,
                       const std::string& classes = "");

}  // namespace secateur
