#pragma once
// A place in bytes read from a file. Every read is checked against the end; numbers are
// little-endian. `where` and `file` only serve the sentence of the Error.

#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/printable.h"

namespace secateur {

class ByteReader {
 public:
  // Starts at `offset`; Error(kBadInput) when that lies outside `bytes`.
  ByteReader(std::string_view where, std::string_view file, std::string_view bytes,
             uint64_t offset = 0);

  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::string_view take(uint64_t count);
  void skip(uint64_t count) { take(count); }
  void expect(std::string_view constant, std::string_view what);  // the bytes that must come next
  uint64_t position() const { return position_; }
  uint64_t left() const { return bytes_.size() - position_; }

 private:
  uint64_t number(uint64_t count);

  std::string_view where_;
  std::string_view file_;
  std::string_view bytes_;
  uint64_t position_ = 0;
};

}  // namespace secateur
