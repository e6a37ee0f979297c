#pragma once
// The metadata of a compact file in fewer bytes. JSON text never holds the bytes below 32, so they
// stand for what is common in it:
//
//   1 ..     a phrase of the table in metadata_text.cpp, whose order is part of the format
//   31 n     the next n bytes (at least 1) are 2 n hexadecimal digits, lower case
//
// Everything else stands for itself.

#include <cstdint>
#include <string>
#include <string_view>

namespace secateur {

std::string pack_metadata(std::string_view text);

// The inverse. Error(kBadInput) naming `file` when the bytes stand for nothing, or for more than
// `cap` bytes.
std::string unpack_metadata(std::string_view packed, int64_t cap, const std::string& file);

}  // namespace secateur
