#pragma once
// The bits of every case of the tables, with portable results, as a process sees them that is held
// to one instruction set: a library left in the way would follow it too.

#include <map>
#include <string>
#include <string_view>

namespace secateur {

// One line per case on stdout.
void print_portable_bits(bool model_shapes);

// Runs the test `printer` of this executable, which calls print_portable_bits(), with
// SECATEUR_ISA=isa: a fingerprint of the value and the gradients by the name of the case.
std::map<std::string, std::string> portable_bits(std::string_view printer, std::string_view isa);

}  // namespace secateur
