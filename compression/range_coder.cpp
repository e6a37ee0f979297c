#include "compression/range_coder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr uint32_t kTop = 1u << 24;  // below this the range takes in another byte
constexpr int kProbabilityBits = 12;
constexpr size_t kBytesAhead = 4;  // the decoder holds this many more than it has used

}  // namespace

uint32_t BitContext::probability() const {
  return std::clamp<uint32_t>(one_ >> 4, 4, (1u << kProbabilityBits) - 4);
}

void BitContext::learn(bool bit) {
  const int target = bit ? 65535 : 0;
  const int divisor = 2 * std::min<int>(seen_, kSlowest) + 3;  // twice (seen + 1.5)
  one_ = static_cast<uint16_t>(one_ + 2 * (target - one_) / divisor);
  if (seen_ < kSlowest) ++seen_;
}

void BitContext::start_from(const BitContext& other, int trust) {
  one_ = other.one_;
  seen_ = static_cast<uint16_t>(std::min<int>(other.seen_, trust));
}

void RangeEncoder::encode(BitContext& context, bool bit) {
  encode(context.probability(), bit);
  context.learn(bit);
}

void RangeEncoder::encode(uint32_t probability, bool bit) {
  narrow((range_ >> kProbabilityBits) * probability, bit);
}

void RangeEncoder::encode_raw(bool bit) { narrow(range_ >> 1, bit); }

void RangeEncoder::narrow(uint32_t bound, bool bit) {
  if (bit) {
    range_ = bound;
  } else {
    low_ += bound;
    range_ -= bound;
  }
  while (range_ < kTop) {
    range_ <<= 8;
    shift_low();
  }
}

// Moves the top byte of low out. A byte of 0xFF may still be raised by a carry: it waits.
void RangeEncoder::shift_low() {
  const bool carry = (low_ >> 32) != 0;
  const uint8_t top = static_cast<uint8_t>(low_ >> 24);
  if (carry || top != 0xFF) {
    if (started_) bytes_.push_back(static_cast<uint8_t>(cache_ + (carry ? 1 : 0)));
    for (; pending_ > 0; --pending_) bytes_.push_back(carry ? 0x00 : 0xFF);
    cache_ = top;
    started_ = true;
  } else {
    ++pending_;
  }
  low_ = (low_ & 0x00FFFFFFu) << 8;
}

double RangeEncoder::bits_so_far() const {
  const double whole = static_cast<double>(bytes_.size() + pending_ + (started_ ? 1 : 0));
  return 8.0 * whole + 32.0 - std::log2(static_cast<double>(range_));
}

std::vector<uint8_t> RangeEncoder::finish() {
  for (int zeros = 32; zeros > 0; --zeros) {
    const uint64_t mask = (uint64_t{1} << zeros) - 1;
    const uint64_t rounded = (low_ + mask) & ~mask;
    if (rounded < low_ + range_) {
      low_ = rounded;
      break;
    }
  }
  for (size_t i = 0; i <= kBytesAhead; ++i) shift_low();
  for (size_t i = 0; i < kBytesAhead && !bytes_.empty() && bytes_.back() == 0; ++i) {
    bytes_.pop_back();
  }
  return std::move(bytes_);
}

RangeDecoder::RangeDecoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
  for (size_t i = 0; i < kBytesAhead; ++i) code_ = code_ << 8 | next();
}

uint8_t RangeDecoder::next() {
  require(position_ < bytes_.size() + kBytesAhead, "compact",
          "the coded numbers end after {} bytes, before the last one", bytes_.size());
  const uint8_t byte = position_ < bytes_.size() ? bytes_[position_] : uint8_t{0};
  ++position_;
  return byte;
}

bool RangeDecoder::choose(uint32_t bound) {
  const bool bit = code_ < bound;
  if (bit) {
    range_ = bound;
  } else {
    code_ -= bound;
    range_ -= bound;
  }
  while (range_ < kTop) {
    range_ <<= 8;
    code_ = code_ << 8 | next();
  }
  return bit;
}

bool RangeDecoder::decode(BitContext& context) {
  const bool bit = decode(context.probability());
  context.learn(bit);
  return bit;
}

bool RangeDecoder::decode(uint32_t probability) {
  return choose((range_ >> kProbabilityBits) * probability);
}

bool RangeDecoder::decode_raw() { return choose(range_ >> 1); }

void RangeDecoder::finish() const {
  require(position_ >= bytes_.size(), "compact", "{} bytes follow the last coded number",
          bytes_.size() - position_);
}

}  // namespace secateur
