#pragma once
// What this machine and build give, for run.json and doctor.

#include <nlohmann/json.hpp>

namespace secateur {

// Versions, compiler, processor, threads, instruction set, libraries.
nlohmann::json describe_machine();

// Practical roofs, measured in about a second: a 1024 x 1024 x 1024 matrix product per thread, all
// threads together (GFLOP/s), and a scaling of 64 MB per thread, read and write (GB/s).
struct Roof {
  double gemm_gflops = 0;
  double memory_gb_per_second = 0;
};
Roof measure_roof();

}  // namespace secateur
