#include "data/content_hash.h"

#include <fmt/format.h>

#include <cstring>

namespace secateur {
namespace {

uint64_t mixed(uint64_t x) {  // the finaliser of SplitMix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

// A multiplication only carries upwards, so the high half is folded down before the next word.
ContentHash& ContentHash::add(uint64_t word) {
  state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
  state_ ^= state_ >> 32;
  return *this;
}

ContentHash& ContentHash::add(std::span<const uint8_t> bytes) {
  add(bytes.size());
  size_t i = 0;
  uint64_t word = 0;
  for (; i + sizeof(word) <= bytes.size(); i += sizeof(word)) {
    std::memcpy(&word, bytes.data() + i, sizeof(word));
    add(word);
  }
  word = 0;
  std::memcpy(&word, bytes.data() + i, bytes.size() - i);
  return add(word);
}

ContentHash& ContentHash::add(std::string_view text) {
  return add(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

uint64_t ContentHash::value() const { return mixed(state_); }

std::string ContentHash::hex() const { return fmt::format("{:016x}", value()); }

}  // namespace secateur
