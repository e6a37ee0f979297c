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

}  // namespace secateur
