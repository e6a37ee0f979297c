#pragma once
// What this machine and build are, for run.json, lineages and doctor.

#include <nlohmann/json.hpp>

#include "ops/backend/reproducibility.h"

namespace secateur {

// Versions, compiler, processor, threads, instruction set, libraries, promises.
nlohmann::json describe_machine();

// What holds in a mode for the bits of everything that is made (docs/reproducibility.md): each
// promise by its name, in words. And which mode gives such promises.
nlohmann::json promises_about_bits(Reproducibility mode);
Reproducibility promised(const nlohmann::json& promises);

}  // namespace secateur
