#pragma once
// The boxes of a circuit's page: parts with their pictures and shares, and the response.

#include <string>

#include "report/circuit_layout.h"

namespace secateur {

std::string circuit_boxes(const CircuitStudy& study, const CircuitLayout& layout);

// "\u221213 %" of -0.13; a dash for what is not finite.
std::string circuit_percent(double part, int digits = 0);

// `anchor` is start, middle or end; `kind` the class of the text, or empty.
std::string circuit_text(double x, double y, const std::string& text, const std::string& kind,
                         const char* anchor = "start");

}  // namespace secateur
