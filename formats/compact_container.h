#pragma once
// The outermost shell of a compact model file:
//
//   4 bytes  "scpt"
//   1 byte   version, 2; 1 in older files
//   varint   length of the head, then the head (what is needed to make sense of the rest)
//   varint   length of the body, then the body
//   4 bytes  CRC-32 (IEEE 802.3, reflected, little-endian) of everything before
//
// A varint is little-endian, seven bits a byte, the top bit set on all but the last, no more bytes
// than needed, at most ten.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_reader.h"

namespace secateur {

inline constexpr uint8_t kCompactVersion = 2;

struct CompactContainer {
  std::string head;
  std::string body;
  uint8_t version = kCompactVersion;  // of the body
};

std::vector<uint8_t> pack_compact(const CompactContainer& container);

// Whether a file starts like a compact one.
bool looks_compact(std::span<const uint8_t> bytes);

// Error(kBadInput) naming `file` unless the bytes are exactly one whole, undamaged container.
CompactContainer unpack_compact(std::span<const uint8_t> bytes, const std::string& file);

uint32_t crc32(std::span<const uint8_t> bytes);
void append_varint(std::string& bytes, uint64_t number);
uint64_t read_varint(ByteReader& reader, const std::string& file);

}  // namespace secateur
