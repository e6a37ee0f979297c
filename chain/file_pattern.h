#pragma once
// File names in a recipe that hold for every neuron.

#include <cstdint>
#include <string>

namespace secateur {

// "{session}" and "{neuron}" in the pattern replaced by what they stand for.
std::string filled_in(std::string pattern, const std::string& session, int64_t neuron);

}  // namespace secateur
