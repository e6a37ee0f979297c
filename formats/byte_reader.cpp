#include "formats/byte_reader.h"

#include "tensor/error.h"

namespace secateur {

ByteReader::ByteReader(std::string_view where, std::string_view file, std::string_view bytes,
                       uint64_t offset)
    : where_(where), file_(file), bytes_(bytes), position_(offset) {
  require(offset <= bytes.size(), where, "{} points to byte {} but has only {}", file, offset,
          bytes.size());
}

std::string_view ByteReader::take(uint64_t count) {
  require(count <= left(), where_, "{} ends at byte {}, wanted {} more from {}", file_,
          bytes_.size(), count, position_);
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

void ByteReader::expect(std::string_view constant, std::string_view what) {
  const uint64_t start = position_;
  require(left() >= constant.size() && take(constant.size()) == constant, where_,
          "{} has no {} at byte {}", file_, what, start);
}

uint64_t ByteReader::number(uint64_t count) {
  uint64_t value = 0;
  int shift = 0;
  for (const char c : take(count)) {
    value |= uint64_t{static_cast<uint8_t>(c)} << shift;
    shift += 8;
  }
  return value;
}

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
