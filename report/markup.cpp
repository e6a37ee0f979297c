#include "report/markup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/printable.h"

namespace secateur {
namespace {

using nlohmann::json;

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// Whether a character begins here that turns the direction of what follows (U+202A to U+202E and
// U+2066 to U+2069): a name would be read as another.
bool turns_text(std::string_view text) {
  if (text.size() < 3 || text[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(text[2]);
  return (text[1] == '\x80' && last >= 0xAA && last <= 0xAE) ||
         (text[1] == '\x81' && last >= 0xA6 && last <= 0xA9);
}

bool is_number(const json& value) {
  return value.is_number() && std::isfinite(value.get<double>());
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text[0];
    const bool control =
        turns_text(text) || (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    if (length == 0 || control) {
      out += c == '\r' ? "" : kReplacement;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string breakable(std::string_view name) {
  std::string out;
  for (const char c : escaped(name)) {
    if (c == '.' && !out.empty()) out += "<wbr>";
    out += c;
    if (c == '_') out += "<wbr>";
  }
  return out;
}

std::string decimal(const json& value, int digits) {
  if (!is_number(value)) return kDash;
  return fmt::format("{:.{}f}", value.get<double>(), digits);
}

std::string score_text(const json& value) {
  if (!is_number(value)) return kDash;
  const double number = value.get<double>();
  return std::abs(number) < 100 ? fmt::format("{:.3f}", number) : fmt::format("{:.2g}", number);
}

std::string whole(const json& value) {
  if (!is_number(value)) return kDash;
  const std::string digits = fmt::format("{:.0f}", std::abs(value.get<double>()));
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return value.get<double>() <= -0.5 ? '-' + out : out;
}

std::string interval_text(const json& interval) {
  if (!interval.is_object()) return "";
  const json& low = at_or_null(interval, "low");
  const json& high = at_or_null(interval, "high");
  if (!is_number(low) || !is_number(high)) return "";
  const auto text = [](const json& end) {
    return std::abs(end.get<double>()) < 100 ? decimal(end, 2) : score_text(end);
  };
  return text(low) + " to " + text(high);
}

const json& at_or_null(const json& object, const std::string& key) {
  static const json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string base64(std::string_view bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : letters[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

std::string png_uri(std::string_view bytes) { return "data:image/png;base64," + base64(bytes); }

std::string section_html(const std::string& id, const std::string& title, const std::string& body) {
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}"
      "</section>\n",
      id, title, body);
}

std::string jpeg_uri(std::string_view bytes) { return "data:image/jpeg;base64," + base64(bytes); }

std::string table_html(const std::string& name, const std::vector<TableColumn>& columns,
                       const std::vector<std::vector<TableCell>>& rows,
                       const std::string& classes) {
  std::vector<size_t> shown;
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto says = [&](const std::vector<TableCell>& row) {
      return !row[c].html.empty() && row[c].html != kDash;
    };
    if (std::ranges::any_of(rows, says)) shown.push_back(c);
  }
  std::string head, body;
  for (const size_t c : shown) {
    head += fmt::format("<th scope=\"col\"{}>{}</th>", columns[c].text ? " class=\"left\"" : "",
                        columns[c].title);
  }
  for (const std::vector<TableCell>& row : rows) {
    body += "<tr>";
    for (const size_t c : shown) {
      const std::string sort = row[c].sort.is_null()     ? ""
                               : row[c].sort.is_string() ? row[c].sort.get<std::string>()
                                                         : row[c].sort.dump();
      body += fmt::format("<{0}{1}{2}>{3}</{4}>", c == shown.front() ? "th scope=\"row\"" : "td",
                          columns[c].text ? " class=\"left\"" : "",
                          sort.empty() ? "" : fmt::format(" data-sort=\"{}\"", escaped(sort)),
                          row[c].html, c == shown.front() ? "th" : "td");
    }
    body += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table{}>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
      escaped(name), classes.empty() ? "" : fmt::format(" class=\"{}\"", classes), head, body);
}

}  // namespace secateur
