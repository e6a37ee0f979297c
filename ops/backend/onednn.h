#pragma once
// What is known of oneDNN from outside its adapters (onednn_*.h).

#include <string>

namespace secateur {

// For run.json and doctor: version, threading and the instruction set in effect. SECATEUR_ISA=avx2
// holds oneDNN to AVX2 as well.
std::string onednn_description();

}  // namespace secateur
