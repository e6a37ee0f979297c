#pragma once
// A 64-bit hash that names content in cache keys: FNV-1a over 8-byte words with a final mixing.
// Fast, the same on every run; not cryptographic, so never a proof of who wrote a file.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace secateur {

class ContentHash {
 public:
  ContentHash& add(uint64_t word);
  ContentHash& add(std::string_view text);           // with its length
  ContentHash& add(std::span<const uint8_t> bytes);  // with their number
  uint64_t value() const;
  std::string hex() const;  // 16 digits

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace secateur
