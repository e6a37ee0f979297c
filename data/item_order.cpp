#include "data/item_order.h"

#include <cmath>

#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

// A number in [0, bound) from x and a key: the finaliser of SplitMix64, scaled by its high half.
uint64_t scrambled(uint64_t x, uint64_t key, uint64_t bound) {
  x = (x + 1) * 0x9e3779b97f4a7c15u ^ key;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return ((x >> 32) * bound) >> 32;  // bound < 2^32 because the domain is split in two
}

}  // namespace

ItemOrder::ItemOrder(uint64_t seed, int64_t size) : seed_(seed), size_(size) {
  if (size < 1) fail(ErrorKind::kUsage, "order", "wanted at least 1 item, got {}", size);
  const auto n = static_cast<uint64_t>(size);
  left_ = static_cast<uint64_t>(std::sqrt(static_cast<double>(size)));
  while (left_ * left_ < n) ++left_;
  right_ = (n + left_ - 1) / left_;
}

ItemOrder::Keys ItemOrder::keys_of(int64_t epoch) const {
  Rng rng(seed_, "order", static_cast<uint64_t>(epoch));
  Keys keys{};
  for (uint64_t& key : keys) {
    const uint64_t upper = rng.bits();
    key = upper << 32 | rng.bits();
  }
  return keys;
}

uint64_t ItemOrder::permuted(uint64_t place, const Keys& keys) const {
  uint64_t l = place / right_;
  uint64_t r = place % right_;
  for (int round = 0; round < kRounds; round += 2) {
    l = (l + scrambled(r, keys[static_cast<size_t>(round)], left_)) % left_;
    r = (r + scrambled(l, keys[static_cast<size_t>(round) + 1], right_)) % right_;
  }
  return l * right_ + r;
}

int64_t ItemOrder::item(int64_t position) const {
  if (position < 0)
    fail(ErrorKind::kUsage, "order", "wanted a position of at least 0, got {}", position);
  const Keys keys = keys_of(position / size_);
  uint64_t place = permuted(static_cast<uint64_t>(position % size_), keys);
  while (place >= static_cast<uint64_t>(size_)) place = permuted(place, keys);
  return static_cast<int64_t>(place);
}

}  // namespace secateur
