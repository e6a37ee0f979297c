// Portable results: the same bits from a process with AVX2 and from one with AVX-512.

#include "tests/ops/portable_bits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ops/contract.h"

namespace secateur {
namespace {

TEST(PortableBits, DISABLED_Print) { print_portable_bits(false); }

TEST(PortableBits, AreThoseOfBothInstructionSets) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq")) {
    GTEST_SKIP() << "no AVX-512 on this machine: the bits of the two could not be compared";
  }
  const auto narrow = portable_bits("PortableBits.DISABLED_Print", "avx2");
  const auto wide = portable_bits("PortableBits.DISABLED_Print", "avx512");
  EXPECT_EQ(narrow.size(), contract::cases(false, Reproducibility::kPortable).size());
  EXPECT_EQ(narrow, wide);
}

}  // namespace
}  // namespace secateur
