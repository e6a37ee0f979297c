#pragma once
// The OpenMP runtime reads its waiting policy before main() runs. Its default, to spin, takes the
// processor from the threads that prepare images and from other programs on a shared machine: the
// training step was measured four times slower beside a busy neighbour. So a program starts itself
// once more with the policy set, unless the user has chosen one.

#include <unistd.h>

#include <cstdlib>

namespace secateur {

inline void wait_passively(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv);  // on failure the program goes on as it is
}

}  // namespace secateur
