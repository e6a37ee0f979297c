#pragma once
// SHA-256 (FIPS 180-4, by libsodium) of bytes and files, as 64 lower-case hexadecimal digits.

#include <filesystem>
#include <string>
#include <string_view>

namespace secateur {

std::string sha256_of(std::string_view bytes);
// Reads in pieces, so memory stays flat. Throws Error(kBadInput) when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace secateur
