#pragma once
// What readouts on the layers of a network explain, neuron by neuron, as one picture.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace secateur {

// An SVG file of the answer of the verb readout with its "rows": a strip for every readout and
// depth. Every neuron is a dot at its raw r2, moved up or down where it would cover another, by the
// values alone and never at random; below them the median with its interval of 95 % and the median
// held out. A dot says its neuron and numbers when the pointer rests on it. Neurons without an r2
// are counted, not drawn.
std::string readout_plot(const nlohmann::json& answer);

}  // namespace secateur
