#pragma once
// A PNG that was changed by hand, with the check sums that its chunks should have.

#include <cstdint>
#include <span>
#include <string>

#include "formats/compact_container.h"

namespace secateur::fixture {

inline std::string with_png_sums(std::string png) {
  constexpr size_t kMagic = 8;
  constexpr size_t kAround = 12;  // of a chunk's data: length, type, check sum
  for (size_t at = kMagic; at + kAround <= png.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(png[at + i]);
    if (length > png.size() - at - kAround) break;
    const auto* const chunk = reinterpret_cast<const uint8_t*>(png.data() + at + 4);
    const uint32_t sum = crc32(std::span(chunk, 4 + length));
    at += kAround + length;
    for (size_t i = 0; i < 4; ++i) png[at - 4 + i] = static_cast<char>(sum >> (24 - 8 * i));
  }
  return png;
}

}  // namespace secateur::fixture
