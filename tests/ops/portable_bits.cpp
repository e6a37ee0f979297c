#include "tests/ops/portable_bits.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "tests/ops/contract.h"

namespace secateur {
namespace {

constexpr std::string_view kMark = "bits ";

uint64_t fingerprint(const Tensor& tensor, uint64_t before) {
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    uint32_t bits;
    std::memcpy(&bits, tensor.data() + i, sizeof(bits));
    before = (before ^ bits) * 0x100000001b3;
    before ^= before >> 29;
  }
  return before;
}

}  // namespace

void print_portable_bits(bool model_shapes) {
  const contract::InForce in_force(Reproducibility::kPortable);
  for (const auto& named : contract::cases(model_shapes, Reproducibility::kPortable)) {
    const contract::Pass pass = contract::run(named.op_case, contract::draw_inputs(named.op_case));
    std::string line = fmt::format("{}{} {:016x}", kMark, named.name(), fingerprint(pass.value, 1));
    for (const Tensor& gradient : pass.gradients) {
      line += fmt::format(" {:016x}", fingerprint(gradient, 1));
    }
    std::puts(line.c_str());
  }
}

std::map<std::string, std::string> portable_bits(std::string_view printer, std::string_view isa) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command = fmt::format(
      "SECATEUR_ISA={} '{}' --gtest_also_run_disabled_tests --gtest_filter={}", isa, self, printer);
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::map<std::string, std::string> bits;
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) {
    const std::string_view line = buffer.data();
    if (!line.starts_with(kMark)) continue;
    const std::string_view rest = line.substr(kMark.size());
    const size_t space = rest.find(' ');
    bits.emplace(rest.substr(0, space), rest.substr(space + 1, rest.find('\n') - space - 1));
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return bits;
}

}  // namespace secateur
