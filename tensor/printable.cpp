#include "tensor/printable.h"

#include <fmt/format.h>

namespace secateur {

std::string printable(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string result = "'";
  for (const char c : text.substr(0, kLongest)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > kLongest ? "...'" : "'");
}

std::string without_controls(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, which some terminals take for escape sequences, in UTF-8.
    const bool second_set =
        c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c >= 0x20 && c != 0x7f && !second_set) {
      result += text[i];
    } else {
      result += fmt::format("\\x{:02x}", second_set ? static_cast<unsigned char>(text[++i]) : c);
    }
  }
  return result;
}

}  // namespace secateur
