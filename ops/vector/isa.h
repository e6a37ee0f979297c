#pragma once
// Which vector instructions the native kernels use, decided once per process.

#include <string_view>

namespace secateur {

enum class Isa { kAvx2, kAvx512 };

// The best of this machine, or what the environment variable SECATEUR_ISA (avx2, avx512) forces.
// Throws Error(kUsage) when that names something else, or something this machine has not.
Isa active_isa();
std::string_view isa_name(Isa isa);

}  // namespace secateur
