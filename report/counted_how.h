#pragma once
// How the parameters of a model were counted.

#include <string>

#include "models/architecture.h"

namespace secateur {

// What stands in brackets behind their number wherever a page shows it: "with batch norms, 4
// numbers a filter; 19,315 once they are folded into the weights", or "no batch norms".
std::string counted_how(const Architecture& architecture);

}  // namespace secateur
