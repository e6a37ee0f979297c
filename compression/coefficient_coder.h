#pragma once
// Signed integers of mostly small size, as adaptive binary decisions.
//
// Zero or not; the sign; then one decision per unit of size up to kUnary, and an Elias-gamma number
// for the rest. Each decision has a context per band and size, so a band learns its own
// distribution. A context seen for the first time starts from the one of the band before it:
// neighbouring frequencies behave alike, and a small file has few numbers to learn from.

#include <array>
#include <cstdint>
#include <vector>

#include "compression/range_coder.h"

namespace secateur {

inline constexpr int32_t kLargestCode = (1 << 15) - 1;

// The contexts of one kind of number. `bands` is at least 1.
class CoefficientContexts {
 public:
  explicit CoefficientContexts(int64_t bands);

  BitContext& zero(int64_t band) { return at(band, 0); }
  BitContext& sign(int64_t band) { return at(band, 1); }
  BitContext& larger(int64_t band, int32_t size);  // size >= 1: whether the number is larger still
  BitContext& longer(int bits);                    // whether what follows kUnary has more bits
  int64_t bands() const { return bands_; }

 private:
  BitContext& at(int64_t band, int64_t decision);

  int64_t bands_;
  std::vector<BitContext> contexts_;  // [bands][decisions]
  std::array<BitContext, 16> lengths_;
};

// Throws Error(kBadInput) when |value| > kLargestCode.
void encode_coefficient(RangeEncoder& encoder, CoefficientContexts& contexts, int64_t band,
                        int32_t value);
// Error(kBadInput) when the bytes end or describe a number beyond kLargestCode.
int32_t decode_coefficient(RangeDecoder& decoder, CoefficientContexts& contexts, int64_t band);

}  // namespace secateur
