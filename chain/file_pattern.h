#pragma once
// File names in a recipe that hold for every neuron.

#include <string>

#include "chain/subject.h"

namespace secateur {

// "{session}", "{neuron}" (its number) and "{label}" in the pattern replaced by what they stand
// for.
std::string filled_in(std::string pattern, const std::string& session, const NeuronTarget& target);

}  // namespace secateur
