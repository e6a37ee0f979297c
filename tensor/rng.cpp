#include "tensor/rng.h"

#include <cmath>
#include <numbers>

#include "tensor/error.h"

namespace secateur {
namespace {

// FNV-1a over the purpose, then the finaliser of SplitMix64 to spread the seed over all bits.
uint64_t key_of(uint64_t seed, std::string_view purpose) {
  uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

uint32_t low(uint64_t x) { return static_cast<uint32_t>(x); }
uint32_t high(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

Rng::Rng(uint64_t master_seed, std::string_view purpose, uint64_t index) : index_(index) {
  const uint64_t key = key_of(master_seed, purpose);
  key_ = {low(key), high(key)};
}

void Rng::seek(uint64_t position) {
  position_ = position;
  if (position_ % 4 != 0) {
    const uint64_t counter = position_ / 4;
    block_ = philox({low(counter), high(counter), low(index_), high(index_)}, key_);
  }
}

uint32_t Rng::bits() {
  if (position_ % 4 == 0) {
    const uint64_t counter = position_ / 4;
    block_ = philox({low(counter), high(counter), low(index_), high(index_)}, key_);
  }
  return block_[position_++ % 4];
}

double Rng::uniform() {
  const uint64_t upper = bits() >> 5;  // 27 bits
  const uint64_t lower = bits() >> 6;  // 26 bits
  return static_cast<double>((upper << 26) | lower) * 0x1p-53;
}

double Rng::uniform(double low_end, double high_end) {
  return low_end + (high_end - low_end) * uniform();
}

int64_t Rng::below(int64_t bound) {
  require(bound >= 1, "rng", "wanted a bound of at least 1, got {}", bound);
  const uint64_t n = static_cast<uint64_t>(bound);
  const uint64_t limit = UINT64_MAX - UINT64_MAX % n;  // values past it would favour small results
  for (;;) {
    const uint64_t upper = bits();
    const uint64_t word = (upper << 32) | bits();
    if (word < limit) return static_cast<int64_t>(word % n);
  }
}

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

// Multiplication method; a sum of Poisson variables is Poisson, so large means go in parts for
// which exp(-mean) stays far from zero.
int64_t Rng::poisson(double mean) {
  require(mean >= 0 && std::isfinite(mean), "rng", "wanted a Poisson mean of at least 0, got {}",
          mean);
  constexpr double kPart = 16.0;
  int64_t count = 0;
  while (mean > 0) {
    const double part = mean > kPart ? kPart : mean;
    mean -= part;
    const double threshold = std::exp(-part);
    double product = uniform();
    while (product > threshold) {
      ++count;
      product *= uniform();
    }
  }
  return count;
}

}  // namespace secateur
