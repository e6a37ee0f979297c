#pragma once
// What this machine and build give, for run.json and doctor.

#include <nlohmann/json.hpp>

#include "ops/backend/reproducibility.h"

namespace secateur {

// Versions, compiler, processor, threads, instruction set, libraries, promises.
nlohmann::json describe_machine();

// What holds for the bits of everything that this process makes (docs/reproducibility.md): each
// promise by its name, in words. And which mode gives such promises.
nlohmann::json promises_about_bits();
Reproducibility promised(const nlohmann::json& promises);

// Practical roofs, measured in about a second: a 1024 x 1024 x 1024 matrix product per thread, all
// threads together (GFLOP/s), and a scaling of 64 MB per thread, read and write (GB/s).
struct Roof {
  double gemm_gflops = 0;
  double memory_gb_per_second = 0;
};
Roof measure_roof();

}  // namespace secateur
