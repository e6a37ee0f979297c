#pragma once
// What this machine can do, measured.

namespace secateur {

// Practical roofs, measured in about a second: a 1024 x 1024 x 1024 matrix product per thread, all
// threads together (GFLOP/s), and a scaling of 64 MB per thread, read and write (GB/s).
struct Roof {
  double gemm_gflops = 0;
  double memory_gb_per_second = 0;
};
Roof measure_roof();

}  // namespace secateur
