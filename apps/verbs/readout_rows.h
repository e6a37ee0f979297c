#pragma once
// What the verb readout found, for people: a table.

#include <cstdio>
#include <nlohmann/json_fwd.hpp>

namespace secateur {

// result: the answer of the verb with its `rows`.
void print_readouts(FILE* text, const nlohmann::json& result);

}  // namespace secateur
