#pragma once
// Accuracy against size for people: as text, and as plots.

#include <string>
#include <vector>

#include "chain/accuracy_curve.h"
#include "report/plots.h"

namespace secateur {

std::string accuracy_table(const AccuracyCurve& curve);

// r2 with the teacher and with the responses by parameters, and by images shown where these differ.
std::vector<Plot> plots_of(const AccuracyCurve& curve);

}  // namespace secateur
