#include "formats/compact_container.h"

#include <array>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr std::string_view kMagic = "scpt";

std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) != 0 ? value >> 1 ^ 0xEDB88320u : value >> 1;
    table[i] = value;
  }
  return table;
}

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

uint32_t crc32(std::span<const uint8_t> bytes) {
  static const std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = 0xFFFFFFFFu;
  for (uint8_t byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xFF];
  return ~crc;
}

void append_varint(std::string& bytes, uint64_t number) {
  while (number >= 0x80) {
    bytes.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  bytes.push_back(static_cast<char>(number));
}

uint64_t read_varint(ByteReader& reader, const std::string& file) {
  uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const uint64_t byte = reader.u8();
    require(shift < 63 || byte <= 1, "compact", "{}: a number has more than 64 bits", file);
    require(shift == 0 || byte != 0, "compact", "{}: a number is longer than it needs to be", file);
    number |= (byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return number;
  }
}

bool looks_compact(std::span<const uint8_t> bytes) { return text_of(bytes).starts_with(kMagic); }

std::vector<uint8_t> pack_compact(const CompactContainer& container) {
  std::string text(kMagic);
  text.push_back(static_cast<char>(container.version));
  for (const std::string* part : {&container.head, &container.body}) {
    append_varint(text, part->size());
    text += *part;
  }
  std::vector<uint8_t> bytes(text.begin(), text.end());
  const uint32_t crc = crc32(bytes);
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(crc >> shift));
  return bytes;
}

CompactContainer unpack_compact(std::span<const uint8_t> bytes, const std::string& file) {
  ByteReader reader("compact", file, text_of(bytes));
  reader.expect(kMagic, "compact model");
  CompactContainer container{.version = reader.u8()};
  require(container.version >= 1 && container.version <= kCompactVersion, "compact",
          "{}: wanted version 1 to {}, got {}", file, kCompactVersion, container.version);
  for (std::string* part : {&container.head, &container.body}) {
    // take() refuses a length beyond the end before anything is copied.
    *part = std::string(reader.take(read_varint(reader, file)));
  }
  const std::span<const uint8_t> covered = bytes.first(reader.position());
  const uint32_t stored = reader.u32();
  require(reader.left() == 0, "compact", "{} has {} bytes after its end", file, reader.left());
  require(stored == crc32(covered), "compact", "{} is damaged: its checksum does not fit", file);
  return container;
}

}  // namespace secateur
