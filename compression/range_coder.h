#pragma once
// Adaptive binary range coder: each yes-or-no decision costs -log2 of the probability that its
// context gave it, and the context learns from it.
//
// The interval [low, low + range) of a 32-bit range is cut in proportion to a 12-bit probability
// (Martin 1979; binary contexts and carry propagation as in the lineage of CABAC). All arithmetic
// is in integers, so encoder and decoder agree on any machine. The last interval is closed by the
// number with the most zero bytes at its end, and those bytes are not written: a decoder reads
// zeros past the end, and refuses to go further than an encoder could have left out.

#include <cstdint>
#include <span>
#include <vector>

namespace secateur {

// The learnt probability of a one. It moves by 1 / (decisions seen + 1.5) of the surprise, down to
// 1/kSlowest, and stays within [1/1024, 1023/1024]: a file of n bytes holds at most
// kMostDecisionsPerByte n decisions, which bounds what a hostile file can ask a reader to allocate.
class BitContext {
 public:
  uint32_t probability() const;  // of a one, in 1/4096
  void learn(bool bit);
  int seen() const { return seen_; }
  // Starts from what a neighbouring context has learnt, trusted as if `trust` decisions old.
  void start_from(const BitContext& other, int trust);

 private:
  static constexpr int kSlowest = 120;
  uint16_t one_ = 1 << 15;
  uint16_t seen_ = 0;
};

inline constexpr int64_t kMostDecisionsPerByte = 5680;

class RangeEncoder {
 public:
  void encode(BitContext& context, bool bit);
  void encode(uint32_t probability, bool bit);  // of a one, in 1/4096, within [4, 4092]
  void encode_raw(bool bit);                    // costs one bit, learns nothing
  double bits_so_far() const;                   // what was encoded has cost, fractions included
  std::vector<uint8_t> finish();                // the encoder is then used up

 private:
  void narrow(uint32_t bound, bool bit);
  void shift_low();

  std::vector<uint8_t> bytes_;
  uint64_t low_ = 0;
  uint32_t range_ = 0xFFFFFFFFu;
  uint8_t cache_ = 0;
  uint64_t pending_ = 0;  // 0xFF bytes waiting for a carry
  bool started_ = false;
};

class RangeDecoder {
 public:
  explicit RangeDecoder(std::span<const uint8_t> bytes);

  bool decode(BitContext& context);
  bool decode(uint32_t probability);
  bool decode_raw();
  // Error(kBadInput) when bytes are left over: the encoder writes none that it does not need.
  void finish() const;

 private:
  bool choose(uint32_t bound);
  uint8_t next();

  std::span<const uint8_t> bytes_;
  size_t position_ = 0;
  uint32_t code_ = 0;
  uint32_t range_ = 0xFFFFFFFFu;
};

}  // namespace secateur
