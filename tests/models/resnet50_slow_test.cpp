// Portable maps of the trunk: the same bits from a process with AVX2 and from one with AVX-512.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "models/resnet50.h"
#include "tensor/sha256.h"
#include "tests/models/resnet50_fixture.h"

namespace secateur {
namespace {

TEST(Resnet50Bits, DISABLED_Print) {
  constexpr int64_t kPixels = 64;
  const Resnet50 trunk(random_resnet50(4), kPixels, kPixels);
  Tensor image(Shape{1, 3, kPixels, kPixels});
  Rng rng(5, "tests/resnet50/image");
  for (float& v : image.values()) v = static_cast<float>(rng.uniform(-120, 120));
  const Tensor maps = trunk(image);
  fmt::print("maps {}\n",
             sha256_of({reinterpret_cast<const char*>(maps.data()), maps.values().size_bytes()}));
}

// What the test above prints in a process of its own.
std::string printed_maps(const std::string& isa) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = "SECATEUR_ISA=" + isa + " '" + self +
                              "' --gtest_also_run_disabled_tests "
                              "--gtest_filter=Resnet50Bits.DISABLED_Print | grep '^maps '";
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::array<char, 256> line{};
  const bool read = std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr;
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return read ? line.data() : "";
}

TEST(Resnet50Bits, AreThoseOfBothInstructionSets) {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq")) {
    GTEST_SKIP() << "no AVX-512 on this machine: the bits of the two could not be compared";
  }
  const std::string narrow = printed_maps("avx2");
  EXPECT_EQ(narrow.size(), 70u) << narrow;
  EXPECT_EQ(narrow, printed_maps("avx512"));
}

}  // namespace
}  // namespace secateur
