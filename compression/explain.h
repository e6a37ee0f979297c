#pragma once
// A compression as a text to learn from: how much every filter matters, which steps were tried,
// which sums were compared, and where the bytes of the file are. What `compress --explain` prints.

#include <string>

#include "compression/search.h"

namespace secateur {

// Every number is one that the search decided with.
std::string explain(const CompressionResult& result);

}  // namespace secateur
