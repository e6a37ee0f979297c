#include "compression/coefficient_coder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "tensor/error.h"

namespace secateur {
namespace {

constexpr int32_t kUnary = 14;        // sizes up to here are counted up one by one
constexpr int64_t kSizeContexts = 8;  // past this size the decisions share one context
constexpr int64_t kDecisions = 2 + kSizeContexts;
constexpr int kTrust = 6;

}  // namespace

CoefficientContexts::CoefficientContexts(int64_t bands)
    : bands_(bands), contexts_(static_cast<size_t>(bands * kDecisions)) {}

BitContext& CoefficientContexts::at(int64_t band, int64_t decision) {
  const size_t index = static_cast<size_t>(band * kDecisions + decision);
  BitContext& context = contexts_[index];
  if (context.seen() == 0 && band > 0) {
    context.start_from(contexts_[index - static_cast<size_t>(kDecisions)], kTrust);
  }
  return context;
}

BitContext& CoefficientContexts::larger(int64_t band, int32_t size) {
  return at(band, 2 + std::min<int64_t>(size - 1, kSizeContexts - 1));
}

BitContext& CoefficientContexts::longer(int bits) { return lengths_[static_cast<size_t>(bits)]; }

void encode_coefficient(RangeEncoder& encoder, CoefficientContexts& contexts, int64_t band,
                        int32_t value) {
  require(value >= -kLargestCode && value <= kLargestCode, "compact",
          "wanted codes within {}, got {}", kLargestCode, value);
  encoder.encode(contexts.zero(band), value == 0);
  if (value == 0) return;
  encoder.encode(contexts.sign(band), value < 0);
  const int32_t size = std::abs(value);
  for (int32_t s = 1; s < kUnary; ++s) {
    encoder.encode(contexts.larger(band, s), size > s);
    if (size <= s) return;
  }
  const uint32_t rest = static_cast<uint32_t>(size - kUnary + 1);
  const int length = std::bit_width(rest);
  for (int i = 1; i < length; ++i) encoder.encode(contexts.longer(i), true);
  encoder.encode(contexts.longer(length), false);
  for (int i = length - 2; i >= 0; --i) encoder.encode_raw((rest >> i & 1) != 0);
}

int32_t decode_coefficient(RangeDecoder& decoder, CoefficientContexts& contexts, int64_t band) {
  if (decoder.decode(contexts.zero(band))) return 0;
  const bool negative = decoder.decode(contexts.sign(band));
  int32_t size = 1;
  while (size < kUnary && decoder.decode(contexts.larger(band, size))) ++size;
  if (size == kUnary) {
    int length = 1;
    while (decoder.decode(contexts.longer(length))) {
      ++length;
      require(length < 16, "compact", "a coded number is longer than 15 bits");
    }
    int32_t rest = 1;
    for (int i = 1; i < length; ++i) rest = rest << 1 | (decoder.decode_raw() ? 1 : 0);
    size += rest - 1;
    require(size <= kLargestCode, "compact", "wanted codes within {}, got {}", kLargestCode, size);
  }
  return negative ? -size : size;
}

}  // namespace secateur
