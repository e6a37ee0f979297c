#include "compression/range_coder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "compression/coefficient_coder.h"
#include "tensor/error.h"
#include "tensor/rng.h"

namespace secateur {
namespace {

struct Decision {
  int context;  // -1: raw
  bool bit;
};

std::vector<uint8_t> encode_all(const std::vector<Decision>& decisions, size_t contexts) {
  RangeEncoder encoder;
  std::vector<BitContext> learnt(contexts);
  for (const Decision& d : decisions) {
    if (d.context < 0) {
      encoder.encode_raw(d.bit);
    } else {
      encoder.encode(learnt[static_cast<size_t>(d.context)], d.bit);
    }
  }
  return encoder.finish();
}

bool decodes_to(std::span<const uint8_t> bytes, const std::vector<Decision>& decisions,
                size_t contexts) {
  RangeDecoder decoder(bytes);
  std::vector<BitContext> learnt(contexts);
  for (const Decision& d : decisions) {
    const bool bit = d.context < 0 ? decoder.decode_raw()
                                   : decoder.decode(learnt[static_cast<size_t>(d.context)]);
    if (bit != d.bit) return false;
  }
  decoder.finish();
  return true;
}

TEST(RangeCoder, RoundTrip) {
  rc::check("any decisions in any contexts come back", [] {
    const uint64_t seed = *rc::gen::arbitrary<uint64_t>();
    const int count = *rc::gen::inRange(0, 3000);
    Rng rng(seed, "range coder test");
    // From certain to even: long runs of likely decisions exercise carries and trailing zeros.
    const double chance = std::pow(rng.uniform(), 4.0);
    std::vector<Decision> decisions;
    for (int i = 0; i < count; ++i) {
      const bool flip = rng.uniform() < chance;
      decisions.push_back({static_cast<int>(rng.below(5)) - 1, flip});
    }
    RC_ASSERT(decodes_to(encode_all(decisions, 4), decisions, 4));
  });
}

TEST(RangeCoder, RunsOfOneKindComeBack) {
  for (bool bit : {false, true}) {
    for (int count : {1, 2, 7, 8, 9, 1000, 100000}) {
      const std::vector<Decision> decisions(static_cast<size_t>(count), Decision{0, bit});
      EXPECT_TRUE(decodes_to(encode_all(decisions, 1), decisions, 1)) << bit << " x " << count;
      const std::vector<Decision> raw(static_cast<size_t>(count), Decision{-1, bit});
      EXPECT_TRUE(decodes_to(encode_all(raw, 1), raw, 1)) << bit << " raw x " << count;
    }
  }
}

// Adaptive coding of a biased source comes near its entropy.
TEST(RangeCoder, CostsTheEntropy) {
  Rng rng(3, "entropy test");
  for (double chance : {0.01, 0.1, 0.5}) {
    constexpr int kCount = 40000;
    std::vector<Decision> decisions;
    for (int i = 0; i < kCount; ++i) decisions.push_back({0, rng.uniform() < chance});
    const double ones = static_cast<double>(
        std::count_if(decisions.begin(), decisions.end(), [](const Decision& d) { return d.bit; }));
    const double p = ones / kCount;
    const double entropy = -kCount / 8.0 * (p * std::log2(p) + (1 - p) * std::log2(1 - p));
    const double bytes = static_cast<double>(encode_all(decisions, 1).size());
    EXPECT_LE(bytes, 1.04 * entropy + 10) << chance;
    EXPECT_GE(bytes, 0.99 * entropy) << chance;
  }
}

TEST(RangeCoder, AByteHoldsNoMoreThanPromised) {
  constexpr int64_t kCount = 2000000;
  const std::vector<Decision> decisions(kCount, Decision{0, true});
  const int64_t bytes = static_cast<int64_t>(encode_all(decisions, 1).size());
  EXPECT_LE(kCount, kMostDecisionsPerByte * (bytes + 8));
}

TEST(RangeCoder, MissingAndSurplusBytesAreRefused) {
  std::vector<Decision> decisions;
  Rng rng(5, "truncation test");
  for (int i = 0; i < 4000; ++i) decisions.push_back({-1, rng.below(2) == 0});
  const std::vector<uint8_t> bytes = encode_all(decisions, 1);
  const std::span<const uint8_t> half(bytes.data(), bytes.size() / 2);
  EXPECT_THROW(decodes_to(half, decisions, 1) ? void() : throw Error(ErrorKind::kBadInput, ""),
               Error);
  RangeDecoder short_decoder(half);
  EXPECT_THROW(
      {
        for (int i = 0; i < 4000; ++i) short_decoder.decode_raw();
      },
      Error);
  std::vector<uint8_t> longer = bytes;
  longer.insert(longer.end(), 8, uint8_t{1});
  EXPECT_THROW(decodes_to(longer, decisions, 1), Error);
}

TEST(CoefficientCoder, RoundTrip) {
  rc::check("codes of any size come back", [] {
    const auto values = *rc::gen::container<std::vector<int32_t>>(
        rc::gen::oneOf(rc::gen::inRange(-3, 4), rc::gen::inRange(-40, 41),
                       rc::gen::inRange(-kLargestCode, kLargestCode + 1),
                       rc::gen::element(-kLargestCode, kLargestCode)));
    constexpr int64_t kBands = 3;
    RangeEncoder encoder;
    CoefficientContexts writing(kBands);
    for (size_t i = 0; i < values.size(); ++i) {
      encode_coefficient(encoder, writing, static_cast<int64_t>(i % kBands), values[i]);
    }
    const std::vector<uint8_t> bytes = encoder.finish();
    RangeDecoder decoder(bytes);
    CoefficientContexts reading(kBands);
    for (size_t i = 0; i < values.size(); ++i) {
      RC_ASSERT(decode_coefficient(decoder, reading, static_cast<int64_t>(i % kBands)) ==
                values[i]);
    }
    decoder.finish();
  });
}

TEST(CoefficientCoder, RefusesWhatIsTooLarge) {
  RangeEncoder encoder;
  CoefficientContexts contexts(1);
  EXPECT_THROW(encode_coefficient(encoder, contexts, 0, kLargestCode + 1), Error);
}

TEST(CoefficientCoder, RandomBytesGiveNumbersOrAnErrorButNeverMore) {
  Rng rng(11, "random bytes");
  for (int round = 0; round < 300; ++round) {
    std::vector<uint8_t> bytes(static_cast<size_t>(rng.below(40)));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.bits());
    RangeDecoder decoder(bytes);
    CoefficientContexts contexts(1);
    int64_t decoded = 0;
    try {
      while (decoded <= kMostDecisionsPerByte * 48) {
        const int32_t value = decode_coefficient(decoder, contexts, 0);
        ASSERT_LE(std::abs(value), kLargestCode);
        ++decoded;
      }
      FAIL() << "the decoder went past the end of " << bytes.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    }
  }
}

}  // namespace
}  // namespace secateur
