#pragma once
// One identity of a model, whatever file it came in.

#include <string>

#include "models/model.h"

namespace secateur {

// SHA-256 of canonical_bytes() (models/canonical_bytes.h), as 64 lower-case hexadecimal digits.
std::string fingerprint(const Model& model);

}  // namespace secateur
