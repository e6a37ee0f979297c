#pragma once
// The bits of every case of the tables, with portable results, in a process that is held to one
// instruction set. A process and not a switch: oneDNN and the C library, which choose their code
// when they start, would follow it too, had one been left in the way.

#include <map>
#include <string>
#include <string_view>

namespace secateur {

// One line per case on stdout.
void print_portable_bits(bool model_shapes);

// Runs the test `printer` of this executable, which calls print_portable_bits(), with
// SECATEUR_ISA=isa (avx2: the C library sees no AVX-512 either): a fingerprint of the value and the
// gradients by the name of the case.
std::map<std::string, std::string> portable_bits(std::string_view printer, std::string_view isa);

}  // namespace secateur
