#include "models/fingerprint.h"

#include "models/canonical_bytes.h"
#include "tensor/sha256.h"

namespace secateur {

std::string fingerprint(const Model& model) { return sha256_of(canonical_bytes(model)); }

}  // namespace secateur
