#pragma once
// What the verb readout found, for people: a table, and a picture.

#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace secateur {

// result: the answer of the verb with its `rows`.
void print_readouts(FILE* text, const nlohmann::json& result);

// SVG: a line for every readout and depth with the neurons as dots, their median with its interval,
// and the median held out.
std::string readouts_svg(const nlohmann::json& result);

}  // namespace secateur
