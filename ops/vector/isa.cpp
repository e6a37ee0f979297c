#include "ops/vector/isa.h"

#include <cstdlib>

#include "tensor/error.h"

namespace secateur {
namespace {

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

Isa choose() {
  const char* forced = std::getenv("SECATEUR_ISA");
  const std::string_view wanted = forced == nullptr ? "" : forced;
  if (wanted.empty()) return has_avx512() ? Isa::kAvx512 : Isa::kAvx2;
  if (wanted == "avx2") return Isa::kAvx2;
  if (wanted != "avx512") {
    fail(ErrorKind::kUsage, "isa", "wanted SECATEUR_ISA to be avx2 or avx512, got '{}'", wanted);
  }
  if (!has_avx512()) {
    fail(ErrorKind::kUsage, "isa", "SECATEUR_ISA asks for avx512, which this machine has not");
  }
  return Isa::kAvx512;
}

}  // namespace

Isa active_isa() {
  static const Isa isa = choose();
  return isa;
}

std::string_view isa_name(Isa isa) { return isa == Isa::kAvx512 ? "avx512" : "avx2"; }

}  // namespace secateur
