#pragma once
// The order in which training sees the items of a finite set: another permutation each epoch,
// computed and never stored, so that any position can be asked for at once and a resume needs only
// the position.
//
// A permutation is a Feistel network on pairs (l, r) of [0, a) x [0, b), a * b >= size, walked
// until the result lies below size. Source: Black and Rogaway, "Ciphers with arbitrary finite
// domains", CT-RSA 2002, methods 2 and 3.

#include <array>
#include <cstdint>

namespace secateur {

class ItemOrder {
 public:
  // Throws Error(kUsage) when size < 1.
  ItemOrder(uint64_t seed, int64_t size);

  int64_t size() const { return size_; }

  // The item at a position, counted from 0 on across epochs: position p belongs to epoch p /
  // size(), and each epoch shows every item once. Throws Error(kUsage) when position < 0.
  int64_t item(int64_t position) const;

 private:
  static constexpr int kRounds = 8;
  using Keys = std::array<uint64_t, kRounds>;

  Keys keys_of(int64_t epoch) const;
  uint64_t permuted(uint64_t place, const Keys& keys) const;

  uint64_t seed_;
  int64_t size_;
  uint64_t left_;   // a
  uint64_t right_;  // b
};

}  // namespace secateur
